import fc from "fast-check";
import { ChunkTally, totalsOfEqualFiles } from "../../../../../systems/batch/core/planning/chunk-tally";

test("property: equal files come to the same chunks whether they are gone through or reckoned", () => {
  fc.assert(
    fc.property(
      fc.record({
        files: fc.integer({ min: 0, max: 300 }),
        bytes: fc.integer({ min: 0, max: 4_000 }),
        targetChunkBytes: fc.integer({ min: 1, max: 2_000 }),
        maximumFilesPerChunk: fc.integer({ min: 1, max: 20 }),
        fileOverheadBytes: fc.integer({ min: 0, max: 300 }),
        splitBytes: fc.integer({ min: 1, max: 3_000 }),
      }),
      ({ bytes, files, splitBytes, ...limits }) => {
        const chunks: number[] = [];
        const tally = new ChunkTally(limits, (weight) => chunks.push(weight));
        for (let file = 0; file < files; file += 1) tally.addFile(bytes, splitBytes);
        tally.close();
        expect(totalsOfEqualFiles(files, bytes, limits, splitBytes)).toEqual(tally.totals);
        expect(chunks).toHaveLength(tally.totals.chunkCount);
        expect(chunks.reduce((sum, each) => sum + each, 0)).toBe(tally.totals.weightBytes);
      },
    ),
  );
});
