import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";

/** Runs `use` with a folder of its own below `parent`, for temporary files; it is removed at the end, however that comes. */
export async function withScratchFolder<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(parent, "scratch-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
