import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { CreatedFile } from "../../kit/folders/created-file";
import { isMissing } from "../../kit/folders/system-errors";
import type { BenchText } from "./texts";

/**
 * A text's file, made at the first call and kept.
 *
 * @param folder existing
 * @throws TextPackageError when a package that it is made of can't be fetched
 */
export async function textFile({ fileName, pieces }: BenchText, folder: string, signal: AbortSignal): Promise<string> {
  const texts = path.join(folder, "texts");
  const file = path.join(texts, fileName);
  try {
    await stat(file);
    return file;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await mkdir(texts, { recursive: true });
  // two benchmarks at once write the same
  const made = await CreatedFile.create(path.join(texts, `${fileName}.${process.pid}`));
  try {
    await made.write(pieces(folder, signal));
    await made.publish(file);
  } finally {
    await made.discard();
  }
  return file;
}
