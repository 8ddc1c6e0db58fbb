import fc from "fast-check";
import { splitRanges } from "../../../../../systems/batch/core/planning/split-ranges";

test("ranges cover a file of any size from starts that no code unit is cut by, none above the split size", () => {
  fc.assert(
    fc.property(fc.integer({ min: 65_536, max: 2 ** 40 }), fc.double({ min: 1.000_01, max: 400, noNaN: true }), (splitBytes, factor) => {
      const size = Math.ceil(splitBytes * factor);
      fc.pre(size > splitBytes);
      const ranges = splitRanges(size, splitBytes);
      expect(ranges.length).toBeGreaterThanOrEqual(2);
      let expected = 0;
      for (const [index, range] of ranges.entries()) {
        expect(range).toMatchObject({ index, count: ranges.length, start: expected });
        expect(range.start % 4).toBe(0);
        expect(range.end).toBeGreaterThan(range.start);
        expect(range.end - range.start).toBeLessThanOrEqual(splitBytes + 3);
        expected = range.end;
      }
      expect(expected).toBe(size);
    }),
  );
});
