import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { addAbortSignal, Readable } from "node:stream";
import {
  BucketMissingError,
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
  type GetOptions,
  type ListedObject,
  type ObjectBody,
  type ObjectStore,
} from "../../../core/ports/object-store";

interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly lastModified: string;
  readonly storageClass: string;
  readonly restored: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}
export type ObjectFacts = Partial<Pick<StoredObject, "lastModified" | "storageClass" | "restored" | "metadata">>;

const READ_BYTES = 65_536;
const ARCHIVED = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** Buckets as maps. Later objects are newer by a second each. */
export class InMemoryObjectStore implements ObjectStore {
  public readonly buckets = new Map<string, Map<string, StoredObject>>();
  /** `bucket/key` of objects, or bucket names, that every call on them finds denied. */
  public readonly denied = new Set<string>();
  /** Every GET: `bucket/key`, with `start-end` after a space for a range. */
  public readonly gets: string[] = [];
  private writes = 0;

  /** @param buckets that exist from the start; `set` makes others */
  public constructor(...buckets: string[]) {
    for (const bucket of buckets) this.buckets.set(bucket, new Map());
  }

  public set(bucket: string, key: string, body: string | Uint8Array, facts: ObjectFacts = {}): void {
    const bytes = Buffer.from(body);
    const objects = this.buckets.get(bucket) ?? new Map<string, StoredObject>();
    this.buckets.set(bucket, objects);
    this.writes += 1;
    objects.set(key, {
      bytes,
      etag: createHash("md5").update(bytes).digest("hex"),
      lastModified: new Date(Date.UTC(2026, 0, 1) + this.writes * 1_000).toISOString(),
      storageClass: "STANDARD",
      restored: false,
      metadata: {},
      ...facts,
    });
  }
  public keys(bucket: string): string[] {
    return [...(this.buckets.get(bucket)?.keys() ?? [])].sort();
  }
  public bytes(bucket: string, key: string): Buffer {
    return this.object(bucket, key).bytes;
  }
  public text(bucket: string, key: string): string {
    return this.bytes(bucket, key).toString("utf8");
  }

  public async get(bucket: string, key: string, options: GetOptions = {}): Promise<ObjectBody> {
    await Promise.resolve();
    const { identity, start = 0, end, signal } = options;
    signal?.throwIfAborted();
    this.gets.push(`${bucket}/${key}${start === 0 && end === undefined ? "" : ` ${start}-${end ?? ""}`}`);
    const object = this.object(bucket, key);
    if (ARCHIVED.has(object.storageClass) && !object.restored) throw new ObjectArchivedError(bucket, key);
    if (identity !== undefined && identity.etag !== object.etag) throw new ObjectChangedError(bucket, key);
    const body = Readable.from(piecesOf(object.bytes.subarray(start, end)), { objectMode: false });
    if (signal !== undefined) addAbortSignal(signal, body);
    return { body, etag: object.etag, size: object.bytes.length, lastModified: object.lastModified, metadata: object.metadata };
  }

  public async *list(bucket: string, prefix: string): AsyncIterable<ListedObject> {
    await Promise.resolve();
    if (this.denied.has(bucket)) throw new ObjectAccessDeniedError(bucket, prefix, { action: "s3:ListBucket" });
    const objects = [...this.existing(bucket, prefix)].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const [key, { bytes, etag, lastModified, storageClass, restored }] of objects) {
      if (!key.startsWith(prefix) || (key.endsWith("/") && bytes.length === 0)) continue;
      yield { bucket, key, etag, size: bytes.length, lastModified, storageClass, restored };
    }
  }

  public async put(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    await Promise.resolve();
    this.store(bucket, key, body);
  }
  public async putFile(bucket: string, key: string, path: string, metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    this.store(bucket, key, await readFile(path), { metadata });
  }
  public async copy(from: { bucket: string; key: string }, to: { bucket: string; key: string }): Promise<void> {
    await Promise.resolve();
    const { bytes, metadata } = this.object(from.bucket, from.key);
    this.store(to.bucket, to.key, bytes, { metadata });
  }

  private store(bucket: string, key: string, body: string | Uint8Array, facts: ObjectFacts = {}): void {
    this.existing(bucket, key);
    this.checkAccess(bucket, key);
    this.set(bucket, key, body, facts);
  }
  private object(bucket: string, key: string): StoredObject {
    const object = this.existing(bucket, key).get(key);
    this.checkAccess(bucket, key);
    if (object === undefined) throw new ObjectMissingError(bucket, key);
    return object;
  }
  private existing(bucket: string, key: string): Map<string, StoredObject> {
    const objects = this.buckets.get(bucket);
    if (objects === undefined) throw new BucketMissingError(bucket, key);
    return objects;
  }
  private checkAccess(bucket: string, key: string): void {
    if (this.denied.has(bucket) || this.denied.has(`${bucket}/${key}`)) throw new ObjectAccessDeniedError(bucket, key);
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += READ_BYTES) yield bytes.subarray(start, start + READ_BYTES);
}
