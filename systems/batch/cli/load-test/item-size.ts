import type { FileItem } from "../../ports/result-store";

/** One unit reads so many bytes strongly consistent, twice as many eventually. */
const UNIT_BYTES = 4_096;
const MAP_BYTES = 3;
const ENTRY_BYTES = 1;

/**
 * An item's size by DynamoDB's rules: the bytes of names and values in UTF-8; a number about half a byte a digit, and one more; a map
 * three bytes and one an entry. What is no value of ours counts nothing.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function sizeOfItem({ attributes, bucket, key, ...facts }: FileItem): number {
  // the key is one attribute of both
  return entriesSize({ ...facts, ...attributes, Filename: `${bucket}/${key}` });
}

const entriesSize = (entries: Readonly<Record<string, unknown>>): number =>
  Object.entries(entries).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);

function valueSize(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number") return Math.ceil(String(Math.abs(value)).length / 2) + 1;
  if (typeof value !== "object" || value === null) return 0;
  return MAP_BYTES + ENTRY_BYTES * Object.keys(value).length + entriesSize(value as Readonly<Record<string, unknown>>);
}

/** Read capacity units of a Scan at eventual consistency: it counts the sum, not each item. */
export const scanUnits = (bytes: number): number => Math.ceil(bytes / UNIT_BYTES) / 2;
