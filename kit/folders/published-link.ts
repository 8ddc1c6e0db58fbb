import { randomBytes } from "node:crypto";
import { lstat, rename, symlink } from "node:fs/promises";
import { removeMadeFile } from "./removal";

/**
 * Puts a symbolic link in the place of the one before, or of nothing, in one step.
 *
 * @throws EISDIR and its like when a folder has that name; it stays
 */
export async function publishLink(target: string, link: string): Promise<void> {
  const beside = `${link}.${randomBytes(6).toString("hex")}`;
  await symlink(target, beside);
  const { dev, ino } = await lstat(beside, { bigint: true });
  try {
    await rename(beside, link);
  } catch (error) {
    await removeMadeFile({ path: beside, dev, ino });
    throw error;
  }
}
