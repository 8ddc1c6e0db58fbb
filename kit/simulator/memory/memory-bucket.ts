import { compareCodePoints } from "../../lib/compare-code-points";
import { SortedKeys } from "./sorted-keys";

export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  /** ISO 8601, UTC, in whole seconds. */
  readonly lastModified: string;
  readonly storageClass: string;
  readonly restored: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly versionId?: string;
}

/** A bucket's objects by key, in key order, with those of their earlier contents that have a version id. */
export class MemoryBucket {
  private readonly objects = new Map<string, StoredObject>();
  private readonly keys = new SortedKeys();
  private readonly versions = new Map<string, StoredObject>();

  public put(key: string, object: StoredObject): void {
    if (!this.objects.has(key)) this.keys.add(key);
    this.objects.set(key, object);
    if (object.versionId !== undefined) this.versions.set(versionName(key, object.versionId), object);
  }

  public delete(key: string): void {
    if (this.objects.delete(key)) this.keys.remove(key);
  }

  public get(key: string, versionId?: string): StoredObject | undefined {
    return versionId === undefined ? this.objects.get(key) : this.versions.get(versionName(key, versionId));
  }

  public keysAfter(after: string | undefined, count: number): string[] {
    return this.keys.after(after, count);
  }

  /** At most `count` objects below a prefix, after a key. */
  public page(prefix: string, after: string | undefined, count: number): { key: string; object: StoredObject }[] {
    const page: { key: string; object: StoredObject }[] = [];
    const skipsTo = after === undefined || compareCodePoints(after, prefix) < 0 ? undefined : after;
    const first = skipsTo === undefined && this.objects.has(prefix) ? [prefix] : [];
    for (const key of [...first, ...this.keys.after(skipsTo ?? prefix, count)].slice(0, count)) {
      const object = this.objects.get(key);
      if (object === undefined || !key.startsWith(prefix)) break;
      page.push({ key, object });
    }
    return page;
  }
}

/** A version id has no line feed, so no two pairs have one name. */
const versionName = (key: string, versionId: string): string => `${versionId}\n${key}`;
