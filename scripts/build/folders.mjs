import { loadTypeScript } from "./load-typescript.mjs";

/** What the project's own modules for folders give to scripts. */
export const { CreatedFile, Lock, isMissing, makeFolders, readMark, removeFileIn, withTemporaryFolder, writeMark } =
  await loadTypeScript("scripts/build/folders.ts");
