import { BucketMissingError } from "../../../kit/ports/object-store";
import type { ObjectVersion, StackStorage, Tags } from "../../../kit/ports/stack-storage";

interface FakeBucket {
  readonly tags: Tags;
  versions: ObjectVersion[];
}

/** Small, so that a few objects are several pages. */
const PAGE = 3;

/** Buckets and tables as a stack's end sees them. */
export class FakeStackStorage implements StackStorage {
  public readonly buckets = new Map<string, FakeBucket>();
  /** Tables that are there, and whether they refuse to go. */
  public readonly tables = new Map<string, boolean>();
  /** Called before each removal. */
  public beforeRemove: (bucket: string) => void = () => undefined;
  private made = 0;

  public add(name: string, tags: Tags, keys: readonly string[] = []): void {
    this.buckets.set(name, { tags, versions: [] });
    for (const key of keys) this.put(name, key);
  }

  public put(bucket: string, key: string): void {
    this.made += 1;
    this.buckets.get(bucket)?.versions.push({ key, versionId: String(this.made), bytes: key.length });
  }

  public keysOf(bucket: string): string[] | undefined {
    return this.buckets.get(bucket)?.versions.map(({ key }) => key);
  }

  public tagsOf(bucket: string): Promise<Tags | undefined> {
    return Promise.resolve(this.buckets.get(bucket)?.tags);
  }

  public async *versions(bucket: string): AsyncIterable<readonly ObjectVersion[]> {
    const found = this.buckets.get(bucket);
    if (found === undefined) throw new BucketMissingError(bucket, "");
    const all = [...found.versions];
    for (let from = 0; from < all.length; from += PAGE) yield await Promise.resolve(all.slice(from, from + PAGE));
  }

  public remove(bucket: string, page: readonly ObjectVersion[]): Promise<void> {
    this.beforeRemove(bucket);
    const found = this.buckets.get(bucket);
    const gone = new Set(page.map(({ versionId }) => versionId));
    if (found !== undefined) found.versions = found.versions.filter(({ versionId }) => !gone.has(versionId));
    return Promise.resolve();
  }

  public isProtected(table: string): Promise<boolean | undefined> {
    return Promise.resolve(this.tables.get(table));
  }
}
