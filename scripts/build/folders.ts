/** What scripts use of `folders/`; scripts/build/folders.mjs loads it. */
export { CreatedFile } from "../../folders/created-file";
export { Lock } from "../../folders/lock";
export { makeFolders } from "../../folders/made-folders";
export { readMark, writeMark } from "../../folders/mark";
export { withTemporaryFolder } from "../../folders/process-folder";
export { removeFileIn } from "../../folders/removal";
export { isMissing } from "../../folders/system-errors";
