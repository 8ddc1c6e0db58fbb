import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "../../../../kit/lib/seeded-random";
import { ProseWriter } from "./prose";

export interface WordFreqSetOptions {
  /** @default 120 (D.1) */
  readonly files?: number;
  /** Sum of all sizes, exact. @default 117,500,000 (D.1) */
  readonly totalBytes?: number;
  /** @default 1 */
  readonly seed?: number;
}
export interface WrittenFile {
  /** Path below the directory, with `/`. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * D.2: the load test's files, `1.txt` to `120.txt`, sizes within about 20 % of their mean, every third file with CRLF line ends.
 *
 * @param directory made when absent
 */
export async function writeWordFreqSet(directory: string, options: WordFreqSetOptions = {}): Promise<WrittenFile[]> {
  const { files = 120, totalBytes = 117_500_000, seed = 1 } = options;
  await mkdir(directory, { recursive: true });
  const random = seededRandom(seed);
  const weights = Array.from({ length: files }, () => 0.8 + 0.4 * random());
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const prose = new ProseWriter();
  const written: WrittenFile[] = [];
  let left = totalBytes;
  for (const [index, weight] of weights.entries()) {
    const bytes = index === files - 1 ? left : Math.floor((totalBytes * weight) / sum);
    left -= bytes;
    const name = `${String(index + 1)}.txt`;
    await writeFile(join(directory, name), prose.write(bytes, seed * 1_000 + index, index % 3 === 2 ? "\r\n" : "\n"));
    written.push({ name, bytes });
  }
  return written;
}
