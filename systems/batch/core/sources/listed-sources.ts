import type { BatchSource, NameFilter } from "../../contracts/batch";
import type { ListedObject, ObjectStore } from "../../../../kit/ports/object-store";
import { filenameIn, holds, keyPrefixOf } from "./batch-sources";
import { nameFilter } from "./name-filter";

/** A listed object with its name in results. */
export interface NamedObject {
  readonly name: string;
  readonly object: ListedObject;
}

/** Two files can't have one name, and none can have no name: what was asked for can't be a batch. */
export class NameConflictError extends Error {
  public override readonly name = "NameConflictError";
  public readonly fix = "submit what lies above both, or submit them as batches of their own";
}

/**
 * The files of a batch that are there already, sorted by name as S3 sorts keys (UTF-8 bytes). Each object comes once, under the name that
 * the first source gives it which holds it. Memory is one object a source.
 *
 * @throws NameConflictError, BucketMissingError, ObjectAccessDeniedError (its `key` is the prefix)
 */
export async function* listedSources(
  store: ObjectStore,
  sources: readonly BatchSource[],
  filter: NameFilter | undefined,
): AsyncGenerator<NamedObject> {
  const isMeant = nameFilter(filter);
  const listings = sources.map((source, index) => listed(store, sources, index, source));
  let before: NamedObject | undefined;
  const [only, ...others] = listings;
  for await (const file of only !== undefined && others.length === 0 ? only : mergeByName(listings)) {
    if (before?.name === file.name) {
      throw new NameConflictError(`${urlOf(before.object)} and ${urlOf(file.object)} would both be named '${file.name}'`);
    }
    before = file;
    if (isMeant(file.name)) yield file;
  }
}

async function* listed(
  store: ObjectStore,
  sources: readonly BatchSource[],
  index: number,
  source: BatchSource,
): AsyncGenerator<NamedObject> {
  const earlier = sources.slice(0, index);
  for await (const object of store.list(source.bucket, keyPrefixOf(source))) {
    if (!holds(source, object) || earlier.some((other) => holds(other, object))) continue;
    const name = filenameIn(sources, object);
    if (name === "")
      throw new NameConflictError(`${urlOf(object)} has no name below the prefix '${source.prefix}', which is all of its key`);
    yield { name, object };
    // keys are listed in order: the one that is meant comes first
    if (source.object !== undefined) return;
  }
}

const urlOf = ({ bucket, key }: ListedObject): string => `s3://${bucket}/${key}`;

/** Merges sequences that are sorted by name each. */
async function* mergeByName(sequences: readonly AsyncGenerator<NamedObject>[]): AsyncGenerator<NamedObject> {
  const heads: (Head | undefined)[] = [];
  try {
    for (const sequence of sequences) heads.push(await headOf(sequence));
    for (;;) {
      const least = heads.reduce<Head | undefined>((best, head) => (head !== undefined && isLess(head, best) ? head : best), undefined);
      if (least === undefined) return;
      yield least.file;
      heads[heads.indexOf(least)] = await headOf(least.sequence);
    }
  } finally {
    for (const sequence of sequences) await sequence.return(undefined);
  }
}

interface Head {
  readonly sequence: AsyncGenerator<NamedObject>;
  readonly file: NamedObject;
  /** S3 compares bytes. */
  readonly bytes: Buffer;
}

async function headOf(sequence: AsyncGenerator<NamedObject>): Promise<Head | undefined> {
  const next = await sequence.next();
  return next.done === true ? undefined : { sequence, file: next.value, bytes: Buffer.from(next.value.name) };
}

const isLess = (a: Head, b: Head | undefined): boolean => b === undefined || Buffer.compare(a.bytes, b.bytes) < 0;
