import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ChunkPacker } from "../../../../../systems/batch/core/planning/chunk-packer";
import { PlanRefusedError } from "../../../../../systems/batch/core/planning/errors";
import { LineFile } from "../../../../../kit/lib/line-file";
import { longestReduceSeconds, proveReduce, REDUCE_SECONDS } from "../../../../../systems/batch/core/planning/prove-plan";

const MIB = 1_048_576;
const LIMITS = { bytesPerSlotSecond: 10 * MIB, partialsPerRange: 5_000 };
/** Of plans of few files, whose partials are all that takes time. */
const FEW = { fileCount: 1, weightBytes: 0 };

/** The most partials that a plan is let through with. */
function most(fileCount = 1): number {
  let [low, high] = [0, 10_000_000];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (longestReduceSeconds({ files: fileCount, partials: middle, partialsPerRange: 5_000 }) <= REDUCE_SECONDS) low = middle;
    else high = middle - 1;
  }
  return low;
}

test("a plan whose last step is through in time is let through, one partial more is refused with limit, value and way out", () => {
  // by hand: a GET of each partial's lines, 16 at a time; of each 5,000 a GET and 20,000 x 5,000^0.6 words, each 300 ns and as long again
  expect(most()).toBeCloseTo(900 / (0.02 / 16 + (0.02 + 2 * 0.006 * 5_000 ** 0.6) / 5_000), -1);
  expect(() => {
    proveReduce({ ...FEW, groupCount: most() - 1_000 }, 0, LIMITS);
  }).not.toThrow();
  expect(() => {
    proveReduce({ ...FEW, groupCount: most() + 1_000 }, 0, LIMITS);
  }).toThrow(PlanRefusedError);
  expect(() => {
    proveReduce({ ...FEW, groupCount: 600_000 }, 0, LIMITS);
  }).toThrow(/comes to about 600000 partials, which would need about \d+ s; .* within 900 s.*; submit the files in several batches/);
});

test("as many partials as one function could merge are far from all that two steps can", () => {
  // a partial's two GETs and its merge, as long again
  const inOneStep = 900 / ((2 * 0.02) / 16 + 2 * 0.006);
  expect(most() / inOneStep).toBeGreaterThan(8);
});

test("partials of earlier generations count too, those that slow work closes by age, and every file", () => {
  const rest = most() - 5_000;
  const proven =
    (groupCount: number, carried: number, weightBytes = 0, fileCount = 1) =>
    () => {
      proveReduce({ groupCount, weightBytes, fileCount }, carried, LIMITS);
    };
  expect(proven(rest, 4_000)).not.toThrow();
  expect(proven(rest, 6_000)).toThrow(/, 6000 of them of earlier generations/);
  // 20 s of a slot are 200 MiB: 6,000 groups of that age
  expect(proven(rest, 0, 6_000 * 200 * MIB)).toThrow(PlanRefusedError);
  expect(proven(rest, 0, 0, 100_000)).toThrow(PlanRefusedError);
  expect(proven(100_000, 0, 0, 2_000_000)).not.toThrow();
});

test("a chunk counts as many groups as its files and bytes come to", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "filemill-groups-"));
  try {
    const groupsOf = async (name: string, files: number, size: number): Promise<number> => {
      const lines = [
        await LineFile.create(path.join(directory, `${name}-s`)),
        await LineFile.create(path.join(directory, `${name}-c`)),
      ] as const;
      const packer = new ChunkPacker(...lines, { targetChunkBytes: 10_000 * MIB, maximumFilesPerChunk: 1_000, fileOverheadBytes: 0 });
      const identity = { bucket: "b", etag: "e", lastModified: "2026-01-01T00:00:00.000Z", size };
      for (let file = 0; file < files; file += 1) await packer.add({ ...identity, file, key: String(file) });
      const { groupCount } = await packer.finish();
      await Promise.all(lines.map((line) => line.finish()));
      return groupCount;
    };
    expect(await groupsOf("small", 1_000, 1)).toBe(4);
    expect(await groupsOf("bytes", 10, 64 * MIB)).toBe(10);
    expect(await groupsOf("giant", 1, 6_400 * MIB)).toBe(1);
    expect(await groupsOf("none", 0, 1)).toBe(0);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
