import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { batchResultSchema, fileResultSchema, receiptReferenceSchema, type FileResult } from "../../systems/batch/contracts/files";
import { isDoubtful, type FileWords } from "../../workloads/word-count/results";
import { referenceCount, referenceText, referenceUnpacked } from "./reference";
import { NOTHING_MADE, wordCountOf } from "./word-count";

/** `batch.json` as the command writes it: the batch's result and its total processing time, null when that is not known. */
export const batchFileSchema = batchResultSchema.extend({
  schemaVersion: z.literal(2),
  seconds: z.number().min(0).nullable(),
  /** null on the upload path. */
  receipt: receiptReferenceSchema.nullable(),
});
export type BatchFile = z.output<typeof batchFileSchema>;

export interface ResultFiles {
  readonly batch: BatchFile;
  readonly lines: readonly FileResult[];
}

/** What the command wrote for a batch, each part checked against its contract. */
export async function readResultFiles(out: string, batchId: string): Promise<ResultFiles> {
  const lines = (await readFile(path.join(out, batchId, "results.jsonl"), "utf8")).split("\n").filter(Boolean);
  return {
    batch: batchFileSchema.strict().parse(JSON.parse(await readFile(path.join(out, batchId, "batch.json"), "utf8"))),
    lines: lines.map((line) => fileResultSchema.strict().parse(JSON.parse(line))),
  };
}

interface ExpectedFile {
  readonly name: string;
  /** @default processed */
  readonly status?: FileResult["status"];
  readonly reason?: FileResult["reason"];
  /** A part of what a quarantined file's line says was wrong with it. @default none */
  readonly detail?: string;
}

/** Compares every file and the whole with the independent reference. `files` are all files below `directory`. */
export async function expectEqualsReference(
  { batch, lines }: ResultFiles,
  directory: string,
  files: readonly ExpectedFile[],
  minimumWordLength = 5,
): Promise<void> {
  const sorted = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const texts: string[] = [];
  const counted: FileWords[] = [];
  const expected: FileResult[] = [];
  for (const { detail, name: filename, reason, status = "processed" } of sorted) {
    const stored = await readFile(path.join(directory, filename));
    const base = { filename, status, ...(reason === undefined ? {} : { reason }), bytes: stored.length };
    if (status !== "processed") {
      expected.push({ ...base, ...(detail === undefined ? {} : { detail: expect.stringContaining(detail) as string }), ...NOTHING_MADE });
      continue;
    }
    const read = referenceText(referenceUnpacked(stored, filename));
    if (read === undefined) throw new Error(`${filename} is no text, but is expected to be processed`);
    const { text, ...facts } = read;
    const { distinctWords, overlongWords, totalWords, words } = referenceCount(text, { minimumWordLength });
    const result: FileWords = { ...facts, totalWords, distinctWords, overlongWords, words };
    expected.push({ ...base, result, outputs: [] });
    counted.push(result);
    texts.push(text);
  }
  expect(lines).toEqual(expected);
  const { distinctWords, overlongWords, totalWords, words } = referenceCount(texts, { minimumWordLength });
  const bytes = expected.reduce((sum, file) => sum + file.bytes, 0);
  const invalidBytes = counted.reduce((sum, file) => sum + file.invalidBytes, 0);
  const doubtfulFiles = counted.filter(isDoubtful).length;
  const { name, options } = wordCountOf({ minimumWordLength }).record;
  expect(batch).toMatchObject({ bytes, workload: { name, options }, outputs: { files: 0, bytes: 0 }, files: countsOf(expected) });
  expect(batch.result).toEqual({ invalidBytes, doubtfulFiles, totalWords, distinctWords, overlongWords, words });
}

function countsOf(results: readonly FileResult[]): BatchFile["files"] {
  const counts = { total: results.length, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
