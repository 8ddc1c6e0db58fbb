import { codeOf } from "../../folders/system-errors";
import { randomBytes } from "node:crypto";
import { lstat, stat } from "node:fs/promises";
import path from "node:path";
import { CreatedFile } from "../../folders/created-file";
import { UsageError } from "../command-errors";
import { outputPlace, unwritable } from "../system-error";

/**
 * Tries whether results can be written below a folder that may not exist yet, and leaves nothing behind.
 *
 * @throws UsageError
 */
export async function checkOutputFolder(folder: string): Promise<void> {
  const existing = await nearestExisting(folder);
  try {
    const probe = await CreatedFile.create(path.join(existing, `.filemill-${randomBytes(6).toString("hex")}`));
    await probe.discard();
  } catch (error) {
    throw unwritable(outputPlace(existing), error, UsageError);
  }
}

async function nearestExisting(folder: string): Promise<string> {
  try {
    const stats = await stat(folder);
    if (stats.isDirectory()) return folder;
  } catch (error) {
    const code = codeOf(error);
    const parent = path.dirname(folder);
    if (code === "ENOENT" && parent !== folder) {
      await refuseDanglingLink(folder);
      return nearestExisting(parent);
    }
    if (code !== "ENOTDIR") throw unwritable(outputPlace(folder), error, UsageError);
  }
  throw new UsageError(`'${folder}' is not a folder`, "give another folder with --out");
}

/** Nothing can be made in the place of a link that leads to nothing. */
async function refuseDanglingLink(folder: string): Promise<void> {
  const there = await lstat(folder).catch(() => undefined);
  if (there !== undefined) throw new UsageError(`'${folder}' is a link to nothing`, "give another folder with --out");
}

/** Says of a failed write to the output folder what the matter is and what helps. @throws UnwritableError */
export async function explainWrite<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unwritable(outputPlace(folder), error);
  }
}
