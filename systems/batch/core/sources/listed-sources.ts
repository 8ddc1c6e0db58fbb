import type { BatchSource, NameFilter } from "../../contracts/batch";
import { listInParallel, PAGES_AHEAD } from "../../../../kit/lib/listing/list-in-parallel";
import { listPages } from "../../../../kit/lib/listing/list-pages";
import { flattened } from "../../../../kit/lib/pages";
import type { ListedObject, ObjectStore } from "../../../../kit/ports/object-store";
import { filenameIn, holds, keyPrefixOf } from "./batch-sources";
import { mergedByName } from "./merged-by-name";
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

/** The files of a batch that are there already, one by one: what `listedSourcePages` gives. */
export const listedSources = (
  store: ObjectStore,
  sources: readonly BatchSource[],
  filter: NameFilter | undefined,
): AsyncGenerator<NamedObject> => flattened(listedSourcePages(store, sources, filter));

/**
 * The files of a batch that are there already, sorted by name as S3 sorts keys (UTF-8 bytes), many at a time. Each object comes once, under
 * the name that the first source gives it which holds it. Memory is `PAGES_AHEAD` pages of listings, and one of each source.
 *
 * @throws NameConflictError, BucketMissingError, ObjectAccessDeniedError (its `key` is the prefix)
 */
export async function* listedSourcePages(
  store: ObjectStore,
  sources: readonly BatchSource[],
  filter: NameFilter | undefined,
): AsyncGenerator<readonly NamedObject[]> {
  const isMeant = nameFilter(filter);
  const listings = sources.map((source, index) => listed(store, sources, index, source));
  let before: NamedObject | undefined;
  const [only, ...others] = listings;
  for await (const page of only !== undefined && others.length === 0 ? only : mergedByName(listings)) {
    const meant: NamedObject[] = [];
    for (const file of page) {
      if (before?.name === file.name) {
        // who wants the first file only has it
        if (meant.length > 0) yield meant;
        throw new NameConflictError(`${urlOf(before.object)} and ${urlOf(file.object)} would both be named '${file.name}'`);
      }
      before = file;
      if (filter === undefined || isMeant(file.name)) meant.push(file);
    }
    yield meant;
  }
}

async function* listed(
  store: ObjectStore,
  sources: readonly BatchSource[],
  index: number,
  source: BatchSource,
): AsyncGenerator<readonly NamedObject[]> {
  const earlier = sources.slice(0, index);
  const pages =
    source.object === undefined
      ? listInParallel(store, source.bucket, source.prefix, Math.ceil(PAGES_AHEAD / sources.length))
      : listPages(store, source.bucket, keyPrefixOf(source));
  for await (const page of pages) {
    const named: NamedObject[] = [];
    for (const object of page) {
      if (!holds(source, object) || earlier.some((other) => holds(other, object))) continue;
      const name = filenameIn(sources, object);
      if (name === "")
        throw new NameConflictError(`${urlOf(object)} has no name below the prefix '${source.prefix}', which is all of its key`);
      named.push({ name, object });
    }
    yield named;
    // keys are listed in order: the one that is meant comes first
    if (source.object !== undefined) return;
  }
}

const urlOf = ({ bucket, key }: ListedObject): string => `s3://${bucket}/${key}`;
