import { link } from "node:fs/promises";
import path from "node:path";

/** Of most file systems. https://man7.org/linux/man-pages/man3/pathconf.3.html */
const MAXIMUM_NAME_BYTES = 255;
/** Of a file's name its ending says the kind. */
const LONGEST_ENDING = /\.[A-Za-z0-9]{1,16}$/;
const NAMELESS = "file";

/** Gives a run its own name for the stored input. @returns the path */
export async function placeInput(stored: string, folder: string, key: string, isPlain: boolean): Promise<string> {
  const place = path.join(folder, localName(key, isPlain));
  await link(stored, place);
  return place;
}

/**
 * The last part of a key as a file's name, so that a program sees its ending.
 *
 * @param isPlain true: what means something to a shell becomes `_`
 */
export function localName(key: string, isPlain: boolean): string {
  const last = key.split("/").findLast((part) => part !== "") ?? "";
  const name = isPlain ? last.replaceAll(/[^A-Za-z0-9._-]/gu, "_").replace(/^-/, "_") : last;
  if (!["", ".", ".."].includes(name) && !name.includes("\0") && Buffer.byteLength(name) <= MAXIMUM_NAME_BYTES) return name;
  return NAMELESS + (LONGEST_ENDING.exec(name)?.[0] ?? "");
}
