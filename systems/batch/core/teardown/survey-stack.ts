import { PROJECT_TAG, stackNameOf, TAG_KEYS } from "../../../../kit/lib/stack-marks";
import { SYSTEM_NAME } from "../../contracts/names";
import type { StackOutputs } from "../../contracts/stack-outputs";
import type { StackStorage, Tags } from "../../../../kit/ports/stack-storage";

/** What a bucket holds; markers of deletions count as versions. */
export interface BucketContent {
  readonly name: string;
  readonly versions: number;
  readonly bytes: number;
}

export interface TableFacts {
  readonly name: string;
  /** It refuses to be deleted (`protectData` of the configuration). */
  readonly isProtected: boolean;
}

/** What goes when a stack is destroyed. */
export interface StackSurvey {
  /** `batch-dev` */
  readonly stack: string;
  readonly environment: string;
  readonly owner: string;
  /** Those that are there. */
  readonly buckets: readonly BucketContent[];
  readonly tables: readonly TableFacts[];
  /** Buckets that batches may read and this stack did not make: never touched. */
  readonly foreignBuckets: readonly string[];
}

/** An output names a bucket that does not carry the mark of the stack. Nothing was touched. */
export class ForeignBucketError extends Error {
  public override readonly name = "ForeignBucketError";
  public readonly fix =
    "write the outputs again with `terraform output -json > FILE` in the stack's folder; tags of a bucket that is the stack's own come back with a deployment";
  public constructor(bucket: string, reason: string) {
    super(`the bucket '${bucket}' is not known to be this stack's: ${reason}; nothing was deleted`);
  }
}

/** Every bucket that the outputs name is gone, and with them what says which stack it was. */
export class NothingStoredError extends Error {
  public override readonly name = "NothingStoredError";
  public readonly fix =
    "look at the region and the credentials; if the stack was half destroyed, `npx cdktf destroy batch-ENVIRONMENT` removes the rest, which holds no object";
  public constructor(buckets: readonly string[]) {
    super(`none of the stack's buckets is there: ${buckets.join(", ")}`);
  }
}

const bucketsOf = (outputs: StackOutputs): string[] => [
  ...new Set([outputs.uploading_bucket, outputs.processing_bucket, outputs.state_bucket]),
];

/**
 * Looks at a stack's buckets and tables. A bucket counts as the stack's when an output names it and it carries the tags that the stack puts
 * on all its resources, the same on each.
 *
 * @throws ForeignBucketError, NothingStoredError
 */
export async function surveyStack(storage: StackStorage, outputs: StackOutputs, signal: AbortSignal): Promise<StackSurvey> {
  const names = bucketsOf(outputs);
  const tagged = await Promise.all(names.map(async (name) => ({ name, tags: await storage.tagsOf(name) })));
  const there = tagged.flatMap(({ name, tags }) => (tags === undefined ? [] : [{ name, tags }]));
  const [first] = there;
  if (first === undefined) throw new NothingStoredError(names);
  for (const { name, tags } of there) checkMark(name, tags, first);
  const buckets: BucketContent[] = [];
  for (const { name } of there) {
    let versions = 0;
    let bytes = 0;
    for await (const page of storage.versions(name)) {
      signal.throwIfAborted();
      versions += page.length;
      bytes += page.reduce((sum, each) => sum + each.bytes, 0);
    }
    buckets.push({ name, versions, bytes });
  }
  const environment = first.tags[TAG_KEYS.environment] ?? "";
  return {
    stack: stackNameOf(SYSTEM_NAME, environment),
    environment,
    owner: first.tags[TAG_KEYS.owner] ?? "",
    buckets,
    tables: await tablesOf(storage, outputs),
    foreignBuckets: outputs.source_buckets.filter((name) => !names.includes(name)),
  };
}

function checkMark(bucket: string, tags: Tags, first: { readonly name: string; readonly tags: Tags }): void {
  const told = (key: string, value = tags[key]): string => (value === undefined ? `it has no tag ${key}` : `its tag ${key} is '${value}'`);
  if (tags[TAG_KEYS.project] !== PROJECT_TAG) throw new ForeignBucketError(bucket, `${told(TAG_KEYS.project)}, not '${PROJECT_TAG}'`);
  for (const key of [TAG_KEYS.environment, TAG_KEYS.owner]) {
    const value = tags[key];
    if (value === undefined || value === "") throw new ForeignBucketError(bucket, told(key));
    if (value !== first.tags[key])
      throw new ForeignBucketError(bucket, `${told(key)}, that of '${first.name}' is '${first.tags[key] ?? ""}'`);
  }
}

async function tablesOf(storage: StackStorage, { ledger_table, results_table }: StackOutputs): Promise<TableFacts[]> {
  const facts = await Promise.all(
    [results_table, ledger_table].map(async (name) => ({ name, isProtected: await storage.isProtected(name) })),
  );
  return facts.flatMap(({ name, isProtected }) => (isProtected === undefined ? [] : [{ name, isProtected }]));
}
