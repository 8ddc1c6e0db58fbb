import { zipSync } from "fflate";

/** Zip's earliest date: the same bytes whenever and wherever they are packed. Local time, since zip knows no time zone. */
const FIXED_DATE = new Date(1980, 0, 1);
const UNIX = 3;
/** A regular file that everybody may read: Lambda's user is not the owner. In the upper half of the attributes, as Unix zips have it. */
const READABLE_FILE = 0o100644 << 16;

/**
 * @param {Readonly<Record<string, Uint8Array>>} files by name, in the order they are to have
 * @returns {Uint8Array} a zip whose bytes depend on names and contents only
 */
export function zip(files) {
  const options = { mtime: FIXED_DATE, os: UNIX, attrs: READABLE_FILE, level: 9 };
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, [bytes, options]])));
}
