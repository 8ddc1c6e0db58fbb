import type { TextEncoding } from "../contracts/files";

/** A file is judged by this many of its first bytes. */
export const PROBE_BYTES = 8_192;

/**
 * Judges a file by its first bytes (8 KiB; more are not looked at): UTF-16 has a byte order mark, a NUL byte means that it is no
 * text, all else is taken for UTF-8, whose invalid bytes separate words.
 */
export function probeEncoding(firstBytes: Uint8Array): TextEncoding | "not-text" {
  const [first, second] = firstBytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return firstBytes.subarray(0, PROBE_BYTES).includes(0) ? "not-text" : "utf-8";
}
