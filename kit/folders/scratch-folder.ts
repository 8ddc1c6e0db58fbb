import { withOwnedFolder } from "./owned-folder";

/** Runs `use` with a folder of its own below `parent`, for temporary files; it is removed at the end, however that comes. */
export const withScratchFolder = <T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> =>
  withOwnedFolder(parent, { kind: "scratch" }, use);
