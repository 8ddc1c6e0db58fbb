/** What scripts use of `folders/`; scripts/build/folders.mjs loads it. */
export { CreatedFile } from "../../kit/folders/created-file";
export { Lock } from "../../kit/folders/lock";
export { makeFolders } from "../../kit/folders/made-folders";
export { readMark, writeMark } from "../../kit/folders/mark";
export { withTemporaryFolder } from "../../kit/folders/process-folder";
export { removeFileIn } from "../../kit/folders/removal";
export { isMissing } from "../../kit/folders/system-errors";
