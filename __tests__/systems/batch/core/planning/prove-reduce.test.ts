import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ChunkPacker } from "../../../../../systems/batch/core/planning/chunk-packer";
import { PlanRefusedError } from "../../../../../systems/batch/core/planning/errors";
import { LineFile } from "../../../../../kit/lib/line-file";
import { MAXIMUM_PARTIALS, proveReduce } from "../../../../../systems/batch/core/planning/prove-plan";

const MIB = 1_048_576;
const LIMITS = { bytesPerSlotSecond: 10 * MIB };

test("a plan whose commit groups one reduce can read is let through, one more is refused with limit, value and way out", () => {
  const plan = { groupCount: MAXIMUM_PARTIALS, weightBytes: 0 };
  expect(() => {
    proveReduce(plan, 0, LIMITS);
  }).not.toThrow();
  expect(() => {
    proveReduce({ ...plan, groupCount: MAXIMUM_PARTIALS + 1 }, 0, LIMITS);
  }).toThrow(PlanRefusedError);
  expect(() => {
    proveReduce({ ...plan, groupCount: MAXIMUM_PARTIALS + 1 }, 0, LIMITS);
  }).toThrow(/comes to about 62069; one reduce merges at most 62068 partials; submit the files in several batches/);
});

test("partials of earlier generations count too, and those that slow work closes by age", () => {
  expect(() => {
    proveReduce({ groupCount: MAXIMUM_PARTIALS - 5_000, weightBytes: 0 }, 5_001, LIMITS);
  }).toThrow(/about 62069, 5001 of them of earlier generations/);
  // 20 s of a slot are 200 MiB: 5,001 groups of that age
  expect(() => {
    proveReduce({ groupCount: MAXIMUM_PARTIALS - 5_000, weightBytes: 5_001 * 200 * MIB }, 0, LIMITS);
  }).toThrow(/about 62069/);
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
