import type { ByteRange } from "../../../../kit/lib/byte-range";

/** Of the widest encoding, UTF-32. */
const CODE_UNIT_BYTES = 4;

/**
 * Ranges that cover a file without gap or overlap, of nearly equal size, none above `splitBytes` (rounded up to a whole
 * number of code units). All start at multiples of 4, so that no code unit of UTF-16 or UTF-32 is cut.
 *
 * @param size of the file in bytes; above `splitBytes`
 */
export function splitRanges(size: number, splitBytes: number): ByteRange[] {
  const wanted = Math.ceil(size / splitBytes);
  const step = CODE_UNIT_BYTES * Math.ceil(size / wanted / CODE_UNIT_BYTES);
  const count = Math.ceil(size / step);
  return Array.from({ length: count }, (_, index) => ({ start: index * step, end: Math.min(size, (index + 1) * step), index, count }));
}
