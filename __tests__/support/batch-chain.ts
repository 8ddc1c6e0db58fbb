import { gunzipSync, gzipSync } from "node:zlib";
import { processChunk, type ChunkEnd } from "../../systems/batch/core/chunk-work/process-chunk";
import { fileResultSchema, type BatchResult, type FileResult } from "../../systems/batch/contracts/files";
import { resultsKey } from "../../systems/batch/contracts/state-keys";
import { present } from "../../kit/lib/present";
import { reduce } from "../../systems/batch/core/reduce/reduce";
import { seal } from "../../systems/batch/core/seal/seal";
import { REF, STATE, type BatchWorld, type WorldFile } from "./batch-world";
import { referenceCount, referenceCountBytes } from "./reference";
import { resultWords, totalWords } from "./word-count";

/** One of each kind: plain, binary, compressed, left out, empty, split, corrupt, beyond ASCII. */
export const FILES: WorldFile[] = [
  { name: "a plain.txt", body: "Alpha beta gamma delta. Delta! delta, epsilon" },
  { name: "b/binary.bin", body: Buffer.from([1, 2, 0, 3]) },
  { name: "c.txt.gz", body: gzipSync("delta omega omega") },
  { name: "d-archived.txt", body: "never read delta", leftOut: "archived" },
  { name: "e-empty.txt", body: "" },
  { name: "f-giant.txt", body: "giant words giant delta ".repeat(40), cuts: [100, 480, 481, 700] },
  { name: "g-corrupt.gz", body: gzipSync("delta omega ".repeat(50)).subarray(0, 30) },
  { name: "h-ünïcödé.txt", body: "Ünïcödé ÜNÏCÖDÉ delta" },
];

/** Seals and reduces. @returns the result, and its line of each file */
export async function runBatch(world: BatchWorld): Promise<{ result: BatchResult; lines: FileResult[] }> {
  await seal(world.sealDeps(), REF, "complete");
  const result = await reduce(world.reduceDeps(), REF);
  const lines = world.store.text(STATE, resultsKey(REF)).split("\n").filter(Boolean);
  return { result, lines: lines.map((line) => fileResultSchema.parse(JSON.parse(line))) };
}

/** Works on every chunk. @returns how each ended */
export const runChunks = async (world: BatchWorld, deps = world.chunkDeps()): Promise<ChunkEnd[]> => {
  const ends: ChunkEnd[] = [];
  for (const chunk of world.chunks) ends.push(await processChunk(deps, REF, chunk, world.control()));
  return ends;
};

/** Counts of processed files, and of all of them together, equal the reference's; there is one at least. */
export const expectEqualsReference = (lines: readonly FileResult[], result: BatchResult, files: readonly WorldFile[]): void => {
  const texts: string[] = [];
  for (const file of files) {
    const line = lines.find(({ filename }) => filename === file.name);
    if (line?.status !== "processed") continue;
    const bytes = Buffer.from(file.body);
    const reference = referenceCountBytes(file.name.endsWith(".gz") ? gunzip(bytes) : bytes);
    const { counts, ...expected } = present(reference, "the reference's counts of a text");
    const found = resultWords(line.result);
    expect(counts).toHaveLength(found.distinctWords);
    expect(found).toEqual(expected);
    texts.push((file.name.endsWith(".gz") ? gunzip(bytes) : bytes).toString("utf8"));
  }
  expect(texts).not.toHaveLength(0);
  const { distinctWords, overlongWords, totalWords: total, words } = referenceCount(texts);
  expect(totalWords(result.result)).toMatchObject({ distinctWords, overlongWords, totalWords: total, words });
};
const gunzip = (bytes: Uint8Array): Buffer => gunzipSync(bytes);
