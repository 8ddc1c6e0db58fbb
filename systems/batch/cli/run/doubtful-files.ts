import { type FileResult } from "../../contracts/files";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import { textFactsSchema, type TextFacts } from "../../../../workloads/word-count/results";
import { wordTotalOf } from "../../../../workloads/word-count/view";
import { checkedFile } from "../../core/results/checked-results";
import type { BatchDocument } from "../../core/results/batch-document";
import { CorruptGzipError, type Decompressor } from "../../../../kit/ports/decompressor";
import { ObjectMissingError, type ObjectStore } from "../../../../kit/ports/object-store";
import { readObject } from "../../../../kit/lib/read-object";
import type { ObjectPlace } from "../../../../kit/ports/object-identity";
import { unpacked } from "../../../../workloads/text/unpacked";
import { messageOf } from "../../../../kit/folders/system-errors";
import type { CommandContext } from "../context";
import { renderDoubtful, type DoubtfulFile } from "../render/doubtful";
import type { FinishedRun } from "./finished-run";
import { likelyEncoding } from "./likely-encoding";

/** How many doubtful files are named; `results.jsonl` has them all. */
export const NAMED_DOUBTFUL = 10;
/** First bytes of a file that are looked at: some pages of text, so that there are accents in them, and quickly read. */
const START_BYTES = 65_536;

/** The first bytes of the first object that is there, unpacked where they are gzip. @throws what `get` throws */
export async function readStart(
  objects: ObjectStore,
  decompressor: Decompressor,
  [place, ...others]: readonly ObjectPlace[],
): Promise<Uint8Array> {
  if (place === undefined) throw new Error("the file lies nowhere");
  let bytes: Uint8Array;
  try {
    ({ bytes } = await readObject(objects, place.bucket, place.key, { end: START_BYTES }));
  } catch (error) {
    if (!(error instanceof ObjectMissingError) || others.length === 0) throw error;
    return readStart(objects, decompressor, others);
  }
  const text: Uint8Array[] = [];
  let length = 0;
  async function* body(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes);
  }
  try {
    for await (const chunk of unpacked(
      { body: body(), namedGzip: false },
      { decompressor, decompressionLimitBytes: Number.MAX_SAFE_INTEGER },
    )) {
      text.push(chunk);
      length += chunk.length;
      if (length >= START_BYTES) break;
    }
  } catch (error) {
    // the beginning of a gzip file ends early: what came of it is what was asked for
    if (!(error instanceof CorruptGzipError)) throw error;
  }
  return Buffer.concat(text).subarray(0, START_BYTES);
}

/** Whether a file of a batch is doubtful. The function throws StoredFormatError when its result is not what the workload makes. */
export const doubtOf = ({ workload }: Pick<BatchDocument, "workload">): ((file: FileResult) => boolean) => {
  const bound = BoundWorkload.ofRecord(workload);
  return (file) => checkedFile(file, bound).status === "processed" && bound.isDoubtful(file.result);
};

/** The first doubtful ones among a run's files. */
export async function firstDoubtful({ document, results }: Pick<FinishedRun, "document" | "results">): Promise<FileResult[]> {
  const isDoubtful = doubtOf(document);
  const found: FileResult[] = [];
  for await (const result of results) {
    if (isDoubtful(result)) found.push(result);
    if (found.length === NAMED_DOUBTFUL) break;
  }
  return found;
}

/** Names a run's doubtful files on stderr, says what they look like, and the way out. */
export async function tellDoubtful({ reporter }: CommandContext, run: FinishedRun, files: readonly FileResult[]): Promise<void> {
  if (files.length === 0) return;
  const described: DoubtfulFile[] = [];
  for (const { filename, result } of files) {
    const facts = textFactsSchema.parse(result);
    described.push({ filename, ...facts, ...(await lookAt(run, filename, facts)) });
  }
  for (const line of renderDoubtful(described, wordTotalOf(run.document.workload, run.document.result)?.doubtfulFiles ?? files.length))
    reporter.say(line);
}

/** A hint only: a file that is gone, or that whoever watches may not read, is no failure of the run. */
async function lookAt(run: FinishedRun, filename: string, { encoding }: TextFacts): Promise<Pick<DoubtfulFile, "likely" | "problem">> {
  try {
    return { likely: likelyEncoding(await run.readStart(filename), encoding) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
