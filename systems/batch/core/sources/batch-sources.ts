import type { ObjectPlace } from "../../../../kit/ports/object-identity";
import type { BatchSource } from "../../contracts/batch";

/** `s3://bucket/prefix/`, or the address of one object. */
export const addressOf = ({ bucket, object, prefix }: BatchSource): string => `s3://${bucket}/${prefix}${object ?? ""}`;

/** The common beginning of a source's keys. */
export const keyPrefixOf = ({ object, prefix }: BatchSource): string => prefix + (object ?? "");

/** Whether an object is one of a source's. */
export const holds = (source: BatchSource, { bucket, key }: ObjectPlace): boolean =>
  source.bucket === bucket && (source.object === undefined ? key.startsWith(source.prefix) : key === keyPrefixOf(source));

/**
 * A file's name in results: its key without the prefix of the first source that holds it.
 *
 * @throws Error when none does: a mistake of the program, or a manifest of another batch
 */
export function filenameIn(sources: readonly BatchSource[], { bucket, key }: ObjectPlace): string {
  const source = sources.find((candidate) => holds(candidate, { bucket, key }));
  if (source === undefined) throw new Error(`s3://${bucket}/${key} is in none of ${sources.map(addressOf).join(", ")}`);
  return key.slice(source.prefix.length);
}

/** Where a file of that name may lie: one place a source that can hold it, in the order of the sources. */
export const placesNamed = (sources: readonly BatchSource[], name: string): ObjectPlace[] =>
  sources.filter(({ object }) => object === undefined || object === name).map(({ bucket, prefix }) => ({ bucket, key: prefix + name }));
