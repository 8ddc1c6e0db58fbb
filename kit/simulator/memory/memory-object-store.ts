import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import {
  BucketMissingError,
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
  type CopyOptions,
  type ExpectedContent,
  type GetOptions,
  type ListedObject,
  type ListedPage,
  type ListPageOptions,
  type ObjectBody,
  type ObjectHead,
  type ObjectStore,
  type PutFileOptions,
} from "../../ports/object-store";
import type { ObjectPlace } from "../../ports/object-identity";
import { isArchived } from "../../ports/is-archived";
import { abortableBody } from "../../lib/abortable-body";
import { checkedContent } from "../../lib/checked-content";
import { listPages } from "../../lib/listing/list-pages";
import { flattened } from "../../lib/pages";
import { atomically } from "./atomically";
import { MemoryBucket, type StoredObject } from "./memory-bucket";
import { memoryPage } from "./memory-page";

/** What a test or a world says of an object that it sets. */
export type ObjectFacts = Partial<Pick<StoredObject, "lastModified" | "storageClass" | "restored" | "metadata">>;

export interface MemoryObjectStoreOptions {
  /** true: every put makes a version with an id, and earlier ones can still be read by theirs. @default false */
  readonly versioned?: boolean;
  /** Keys of a page of a listing, folders included; between two pages others may write. @default 1,000, as S3 has it */
  readonly keysPerPage?: number;
  /** Time of a put, in milliseconds since the epoch. @default later objects are newer by a second each */
  readonly now?: () => number;
}

const READ_BYTES = 65_536;
/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const KEYS_PER_PAGE = 1_000;

/** A range that begins behind an object's end. Named like S3's error. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export class InvalidRangeError extends Error {
  public override readonly name = "InvalidRange";
  public constructor(bucket: string, key: string, start: number, size: number) {
    super(`s3://${bucket}/${key}: the range begins at byte ${start} of ${size}; ask for one that the object has`);
  }
}

/** S3 in memory: what is written is there at once, for everyone. */
export class MemoryObjectStore implements ObjectStore {
  /** `bucket/key` of objects, or bucket names, that every call on them finds denied. */
  public readonly denied = new Set<string>();
  /** Every GET: `bucket/key`, with `start-end` after a space for a range. */
  public readonly gets: string[] = [];
  private readonly buckets = new Map<string, MemoryBucket>();
  private readonly versioned: boolean;
  private readonly keysPerPage: number;
  private readonly now: () => number;
  private writes = 0;

  /** @param buckets that exist from the start; `set` makes others */
  public constructor(buckets: readonly string[] = [], options: MemoryObjectStoreOptions = {}) {
    for (const bucket of buckets) this.buckets.set(bucket, new MemoryBucket());
    this.versioned = options.versioned ?? false;
    this.keysPerPage = options.keysPerPage ?? KEYS_PER_PAGE;
    this.now = options.now ?? (() => Date.UTC(2026, 0, 1) + this.writes * 1_000);
  }

  /** Puts an object with facts of one's choice, past every refusal. */
  public set(bucket: string, key: string, body: string | Uint8Array, facts: ObjectFacts = {}): void {
    const bytes = Buffer.from(body);
    this.writes += 1;
    const objects = this.buckets.get(bucket) ?? new MemoryBucket();
    this.buckets.set(bucket, objects);
    objects.put(key, {
      bytes,
      etag: createHash("md5").update(bytes).digest("hex"),
      // S3 tells times in whole seconds
      lastModified: new Date(Math.floor(this.now() / 1_000) * 1_000).toISOString(),
      storageClass: "STANDARD",
      restored: false,
      metadata: {},
      ...(this.versioned ? { versionId: `version-${this.writes}` } : {}),
      ...facts,
    });
  }
  /** Makes an object missing; its versions stay. It need not be there. */
  public deleteObject(bucket: string, key: string): void {
    this.existing(bucket, key).delete(key);
  }
  /** Keys in their order; none of a bucket that does not exist. */
  public has(bucket: string, key: string): boolean {
    return this.buckets.get(bucket)?.get(key) !== undefined;
  }
  public keys(bucket: string): string[] {
    return this.buckets.get(bucket)?.keysAfter(undefined, Number.POSITIVE_INFINITY) ?? [];
  }
  public bytes(bucket: string, key: string): Buffer {
    return this.object(bucket, key).bytes;
  }
  public text(bucket: string, key: string): string {
    return this.bytes(bucket, key).toString("utf8");
  }

  public get(bucket: string, key: string, options: GetOptions = {}): Promise<ObjectBody> {
    return atomically(() => {
      const { identity, start = 0, end, signal } = options;
      signal?.throwIfAborted();
      const whole = start === 0 && end === undefined;
      this.gets.push(`${bucket}/${key}${whole ? "" : ` ${start}-${end ?? ""}`}`);
      const object = this.object(bucket, key, identity?.versionId);
      if (isArchived(object)) throw new ObjectArchivedError(bucket, key);
      if (identity !== undefined && identity.etag !== object.etag) throw new ObjectChangedError(bucket, key);
      if (!whole && start >= object.bytes.length) throw new InvalidRangeError(bucket, key, start, object.bytes.length);
      const body = new BytesReader(object.bytes.subarray(start, end));
      return { body: abortableBody(body, signal), ...headOf(object) };
    });
  }

  public head(bucket: string, key: string): Promise<ObjectHead & { readonly archived: boolean }> {
    return atomically(() => {
      const object = this.object(bucket, key);
      return { ...headOf(object), archived: isArchived(object) };
    });
  }

  public list(bucket: string, prefix: string, after?: string): AsyncIterable<ListedObject> {
    return flattened(listPages(this, bucket, prefix, after));
  }

  public listPage(bucket: string, prefix: string, { after, continuation, delimiter }: ListPageOptions = {}): Promise<ListedPage> {
    return atomically(() => {
      const objects = this.existing(bucket, prefix);
      if (this.denied.has(bucket)) throw new ObjectAccessDeniedError(bucket, prefix, { action: "s3:ListBucket" });
      return memoryPage(bucket, objects, { prefix, after: continuation ?? after, delimiter, count: this.keysPerPage });
    });
  }

  public put(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    return atomically(() => {
      this.store(bucket, key, body);
    });
  }
  public async putFile(bucket: string, key: string, path: string, { content, metadata = {} }: PutFileOptions = {}): Promise<void> {
    const pieces: Uint8Array[] = [];
    const file = Readable.from([await readFile(path)]) as AsyncIterable<Buffer>;
    for await (const piece of content === undefined ? file : checkedContent(path, file, content)) pieces.push(piece);
    this.store(bucket, key, Buffer.concat(pieces), { metadata });
  }
  public async putStream(
    bucket: string,
    key: string,
    name: string,
    body: AsyncIterable<Uint8Array>,
    { content, metadata = {} }: PutFileOptions & { readonly content: ExpectedContent },
  ): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of checkedContent(name, body, content)) pieces.push(piece);
    this.store(bucket, key, Buffer.concat(pieces), { metadata });
  }
  public copy(from: ObjectPlace, to: ObjectPlace, { etag, metadata, signal }: CopyOptions = {}): Promise<void> {
    return atomically(() => {
      signal?.throwIfAborted();
      const object = this.object(from.bucket, from.key);
      if (isArchived(object)) throw new ObjectArchivedError(from.bucket, from.key);
      if (etag !== undefined && etag !== object.etag) throw new ObjectChangedError(from.bucket, from.key);
      this.store(to.bucket, to.key, object.bytes, { metadata: metadata ?? object.metadata });
    });
  }

  private store(bucket: string, key: string, body: string | Uint8Array, facts: ObjectFacts = {}): void {
    this.existing(bucket, key);
    this.checkAccess(bucket, key);
    this.set(bucket, key, body, facts);
  }
  private object(bucket: string, key: string, versionId?: string): StoredObject {
    const object = this.existing(bucket, key).get(key, versionId);
    this.checkAccess(bucket, key);
    if (object === undefined) throw new ObjectMissingError(bucket, key);
    return object;
  }
  private existing(bucket: string, key: string): MemoryBucket {
    const objects = this.buckets.get(bucket);
    if (objects === undefined) throw new BucketMissingError(bucket, key);
    return objects;
  }
  private checkAccess(bucket: string, key: string): void {
    if (this.denied.has(bucket) || this.denied.has(`${bucket}/${key}`)) throw new ObjectAccessDeniedError(bucket, key);
  }
}

const headOf = ({ bytes, etag, lastModified, metadata, versionId }: StoredObject): ObjectHead => ({
  etag,
  size: bytes.length,
  lastModified,
  ...(versionId === undefined ? {} : { versionId }),
  metadata,
});

/** Bytes as a stream, in pieces as they come from a connection. */
class BytesReader extends Readable {
  private at = 0;
  public constructor(private readonly bytes: Buffer) {
    super({ highWaterMark: READ_BYTES });
  }
  public override _read(): void {
    const piece = this.bytes.subarray(this.at, this.at + READ_BYTES);
    this.at += piece.length;
    this.push(piece.length === 0 ? null : piece);
  }
}
