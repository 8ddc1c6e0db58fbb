import type { ByteRange } from "../contracts/files";

/**
 * Ranges that cover a file without gap or overlap, of nearly equal size, none above `splitBytes` (plus one byte when that is odd).
 * All start at even offsets, so that no UTF-16 code unit is cut.
 *
 * @param size of the file in bytes; above `splitBytes`
 */
export function splitRanges(size: number, splitBytes: number): ByteRange[] {
  const wanted = Math.ceil(size / splitBytes);
  const step = 2 * Math.ceil(size / wanted / 2);
  const count = Math.ceil(size / step);
  return Array.from({ length: count }, (_, index) => ({ start: index * step, end: Math.min(size, (index + 1) * step), index, count }));
}
