import { type BatchSource, type NameFilter, MAXIMUM_SOURCES } from "../../contracts/batch";
import {
  BucketElsewhereError,
  BucketMissingError,
  ObjectAccessDeniedError,
  type ListedObject,
  type ObjectStore,
} from "../../../../kit/ports/object-store";
import { addressOf } from "../../core/sources/batch-sources";
import { listedSources } from "../../core/sources/listed-sources";
import { UsageError } from "../../../../kit/cli/command-errors";

/** An address as it was typed. */
export interface S3Address {
  readonly bucket: string;
  /** All behind the bucket's slash: the key of an object, or of a folder. */
  readonly path: string;
}

/** Parses `s3://BUCKET/PATH`. @returns undefined for anything that isn't meant as an S3 address @throws UsageError */
export function parseS3Address(text: string): S3Address | undefined {
  if (!/^s3:/i.test(text)) return undefined;
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(text);
  if (match?.[1] === undefined)
    throw new UsageError(`'${text}' is not an S3 address`, "write it as s3://BUCKET/KEY, or s3://BUCKET/PREFIX/ for all below it");
  return { bucket: match[1], path: match[2] ?? "" };
}

/** @returns undefined for paths of this machine @throws UsageError for a mixture */
export function s3AddressesOf(given: readonly string[]): readonly S3Address[] | undefined {
  const problems: UsageError[] = [];
  const addresses = given.map((text) => ({ text, address: addressOrProblem(text, problems) }));
  const [first] = problems;
  if (first !== undefined) throw new UsageError(problems.map(({ message }) => message).join("\n"), first.fix);
  const local = addresses.find(({ address }) => address === undefined);
  const remote = addresses.find(({ address }) => address !== undefined);
  if (remote === undefined) return undefined;
  if (local !== undefined) {
    throw new UsageError(
      `'${local.text}' is on this machine and '${remote.text}' in S3: a batch has files of one kind`,
      "submit them as two batches",
    );
  }
  if (given.length > MAXIMUM_SOURCES) {
    throw new UsageError(
      `${given.length} sources; a batch has up to ${MAXIMUM_SOURCES}`,
      "submit what lies above them, or several batches",
    );
  }
  return addresses.flatMap(({ address }) => address ?? []);
}

function addressOrProblem(text: string, problems: UsageError[]): S3Address | undefined {
  try {
    return parseS3Address(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problems.push(error);
    return undefined;
  }
}

/** Which buckets the stack may read, and through which eyes they are looked at. */
export interface ReadableBuckets {
  readonly objects: ObjectStore;
  /** The stack's own and those it was told of. @default any: not the stack reads them, but whoever runs the command */
  readonly allowed?: readonly string[];
}

/**
 * What addresses stand for: a path that ends with a `/` (or no path) everything below it; another one the object of that name, or else what
 * is below it as a folder. Looks before anything is started.
 *
 * @throws UsageError for a bucket that isn't there or can't be read, an address that leads to no object, a filter that leaves none;
 *   NameConflictError
 */
export async function sourcesOf(
  { allowed, objects }: ReadableBuckets,
  addresses: readonly S3Address[],
  filter: NameFilter | undefined,
): Promise<BatchSource[]> {
  const foreign = addresses.find(({ bucket }) => allowed?.includes(bucket) === false);
  if (foreign !== undefined && allowed !== undefined) {
    throw new UsageError(
      `the stack may not read the bucket '${foreign.bucket}'; it reads ${allowed.join(", ")}`,
      "deploy it with FILEMILL_SOURCE_BUCKETS naming that bucket, or let --via upload copy the objects, with your own permissions",
    );
  }
  const sources: BatchSource[] = [];
  for (const address of addresses) sources.push(await explain(address.bucket, sourceOf(objects, address)));
  if (filter !== undefined && (await firstOf(listedSources(objects, sources, filter))) === undefined) {
    throw new UsageError(
      `--include and --exclude leave no object of ${sources.map(addressOf).join(", ")}`,
      "look at the patterns: a name is the key without the source's prefix",
    );
  }
  return sources;
}

async function sourceOf(objects: ObjectStore, { bucket, path }: S3Address): Promise<BatchSource> {
  const isFolder = path === "" || path.endsWith("/");
  // keys are listed in order: the one that is meant comes first
  const first = await firstOf(objects.list(bucket, path));
  if (isFolder && first !== undefined) return { bucket, prefix: path };
  if (!isFolder && first?.key === path) {
    const end = path.lastIndexOf("/") + 1;
    return { bucket, prefix: path.slice(0, end), object: path.slice(end) };
  }
  if (!isFolder && (await firstOf(objects.list(bucket, `${path}/`))) !== undefined) return { bucket, prefix: `${path}/` };
  throw new UsageError(
    `there is no object at s3://${bucket}/${path}${first === undefined ? "" : `; the nearest is s3://${bucket}/${first.key}`}`,
    `look with \`aws s3 ls s3://${bucket}/${path}\`; an address is an object, or a folder`,
  );
}

async function firstOf<T = ListedObject>(sequence: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of sequence) return item;
  return undefined;
}

async function explain<T>(bucket: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BucketMissingError)
      throw new UsageError(`there is no bucket '${bucket}'`, "check its name; `aws s3 ls` lists yours", { cause: error });
    if (error instanceof BucketElsewhereError)
      throw new UsageError(
        `the bucket '${bucket}' is in another region than the stack`,
        "copy its objects to a bucket of the stack's region",
        {
          cause: error,
        },
      );
    if (error instanceof ObjectAccessDeniedError) {
      throw new UsageError(
        `the bucket '${bucket}' can't be listed: ${error.message}`,
        "let your user or role list it, or give another bucket",
        { cause: error },
      );
    }
    throw error;
  }
}
