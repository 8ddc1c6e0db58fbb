import {
  acknowledgeCommitted,
  acknowledgementsOf,
  chunkAcknowledgement,
} from "../../../../../systems/batch/core/chunk-work/acknowledge-chunk";
import type { SettledSplit } from "../../../../../systems/batch/core/chunk-work/commit-group";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import { planOf } from "../../../../../systems/batch/core/chunk-work/read-splits";
import type { Split } from "../../../../../systems/batch/contracts/files";
import type { ChunkRow } from "../../../../../systems/batch/contracts/ledger-rows";
import { BatchWorld, PREFIX, REF, SOURCE } from "../../../../support/batch-world";
import { fileWords } from "../../../../support/word-count";

const SOURCES = [{ bucket: SOURCE, prefix: PREFIX }];

const splitOf = (file: number, range?: Split["range"]): Split => ({
  file,
  bucket: SOURCE,
  key: `${PREFIX}${file}.txt`,
  etag: "0a",
  size: 100,
  lastModified: "2026-01-01T00:00:00.000Z",
  ...(range === undefined ? {} : { range }),
});
const RANGE = { start: 0, end: 50, index: 0, count: 2 };
const result = fileWords({ textBytes: 11, totalWords: 2, distinctWords: 1, words: [{ word: "delta", count: 2 }] });
const outputs = [3, 4].map((bytes) => ({ name: `${bytes}.txt`, bytes, sha256: "0".repeat(64) }));
const line = { file: 0, result };

describe("acknowledgements of settled splits", () => {
  test("C.3: each whole file has one, with its outcome and its name below the prefix; ranges have none", () => {
    const settled: SettledSplit[] = [
      { split: splitOf(0), letter: "P", line },
      { split: splitOf(1, RANGE), letter: "P", line: { ...line, file: 1 } },
      { split: splitOf(2), letter: "n" },
      { split: splitOf(3), letter: "m", line: { file: 3, detail: "it is gone" } },
      { split: splitOf(4), letter: "P", line: { file: 4, result, outputs } },
    ];
    expect(acknowledgementsOf(REF, SOURCES, settled)).toMatchObject([
      { type: "file-processed", filename: "0.txt", key: "in/0.txt", result, outputs: { files: 0, bytes: 0 } },
      { type: "file-skipped", filename: "2.txt", reason: "not-text" },
      { type: "file-quarantined", filename: "3.txt", reason: "missing", detail: "it is gone" },
      { type: "file-processed", filename: "4.txt", result, outputs: { files: 2, bytes: 7 } },
    ]);
  });

  test.each<[string, SettledSplit["letter"], SettledSplit["line"], string]>([
    ["a processed file without its line", "P", undefined, "a processed split has no line"],
    ["a quarantined file without its line", "m", undefined, "a quarantined split has no line"],
    ["a processed file with the line of a quarantined one", "P", { file: 0, detail: "gone" }, "the line of a quarantined one"],
    ["a quarantined file with the line of a processed one", "m", line, "the line of a processed one"],
  ])("%s is an error, not an empty acknowledgement", (_, letter, given, problem) => {
    const settled = { split: splitOf(0), letter, ...(given === undefined ? {} : { line: given }) };
    expect(() => acknowledgementsOf(REF, SOURCES, [settled])).toThrow(problem);
  });

  test("a chunk's one message counts its whole files by status, without ranges", () => {
    const splits = [splitOf(0), splitOf(1), splitOf(2), splitOf(3, RANGE), splitOf(4)];
    expect(chunkAcknowledgement(REF, 7, "PnPPm", splits)).toEqual({
      schemaVersion: 3,
      type: "chunk-processed",
      messageId: chunkAcknowledgement(REF, 7, "", []).messageId,
      ...REF,
      chunkIndex: 7,
      files: { total: 4, processed: 2, skipped: 1, quarantined: 1, unfinished: 0 },
    });
    expect(chunkAcknowledgement(REF, 8, "", []).messageId).not.toBe(chunkAcknowledgement(REF, 7, "", []).messageId);
  });
});

describe("acknowledgements repeated from a row", () => {
  let world: BatchWorld;
  beforeEach(() => {
    world = new BatchWorld();
  });
  afterEach(() => {
    world.dispose();
  });
  const FILES = ["a.txt", "b.txt", "c.txt"].map((name) => ({ name, body: `delta words of ${name}` }));

  /** Plans a chunk, commits its first `files` files in groups of one, and forgets what was acknowledged. */
  const committed = async (acknowledgePer: "file" | "chunk", files: number): Promise<ChunkRow> => {
    await world.plan([...FILES.slice(0, 2), { name: "c.txt", body: "PK\u0003\u0004\u0000\u0000" }], { acknowledgePer });
    let done = 0;
    const control = world.control({ stopCause: () => (done >= files ? "drain" : undefined), progressed: () => (done += 1) });
    await processChunk(world.chunkDeps({ maximumSplits: 1 }), REF, world.chunk, control);
    const row = await world.ledger.getChunk(REF, 0);
    if (row === undefined) throw new Error("nothing was committed");
    return row;
  };
  const repeat = async (row: ChunkRow, splits: readonly Split[]): Promise<unknown[]> => {
    const deps = world.chunkDeps();
    world.acknowledged.length = 0;
    const { batch, generation } = await deps.watch.get(REF);
    await acknowledgeCommitted(deps, REF, { batch, plan: planOf(generation, world.chunk) }, row, splits);
    return [...world.acknowledged];
  };
  const splits = [splitOf(0), splitOf(1), splitOf(2)];

  test.each([
    ["file", 3, ["file-processed", "file-processed", "file-skipped"]],
    ["file", 1, ["file-processed"]],
    ["chunk", 3, ["chunk-processed"]],
    ["chunk", 1, []],
  ] as const)("invariant 4: per %s, of %d settled files: %j", async (per, files, types) => {
    const row = await committed(per, files);
    expect(await repeat(row, splits)).toMatchObject(types.map((type) => ({ type })));
  });

  test("a row of more splits than the chunk has, or of more processed files than its partials hold, is an error", async () => {
    const row = await committed("file", 3);
    await expect(repeat(row, splits.slice(0, 2))).rejects.toThrow(`chunk 0 of ${REF.batchId} settled 3 splits but has 2`);
    await expect(repeat({ ...row, partials: row.partials.slice(0, 1) }, splits)).rejects.toThrow("fewer lines than its row says");
  });
});
