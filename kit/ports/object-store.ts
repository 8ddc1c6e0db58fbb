import type { Readable } from "node:stream";
import type { FileIdentity, ObjectPlace } from "./object-identity";

/** What S3 knows of an object, ETag unquoted. `metadata` holds user metadata without the `x-amz-meta-` prefix. */
export interface ObjectHead {
  readonly etag: string;
  readonly size: number;
  readonly lastModified: string;
  readonly versionId?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ObjectBody extends ObjectHead {
  /** The bytes; destroy it when not read to its end. */
  readonly body: Readable;
}

export interface ListedObject extends FileIdentity {
  readonly storageClass: string;
  /** true while a restored copy of an archived object can be read. */
  readonly restored: boolean;
}

/** Where a page of a listing begins, and what it shows. */
export interface ListPageOptions {
  /** Key that the listing begins after. @default at the prefix */
  readonly after?: string;
  /** Of the page before this one: it goes on where that ended, and `after` says nothing more. */
  readonly continuation?: string;
  /** Keys that have it behind the prefix come as one folder up to it. @default every key comes by itself */
  readonly delimiter?: string;
}

/** What one request lists: at most 1,000 keys and folders together. */
export interface ListedPage {
  /** In key order (UTF-8), "folder" markers (`key` ends with `/`, 0 bytes) left out. */
  readonly objects: readonly ListedObject[];
  /** Beginnings up to the delimiter, each once, in the same order. */
  readonly folders: readonly string[];
  /** What asks for the next page. Absent: this is the last one. */
  readonly continuation?: string;
}

export interface GetOptions {
  /** Content the caller expects; other content is refused with `ObjectChangedError`. */
  readonly identity?: Pick<FileIdentity, "etag" | "versionId">;
  /** First byte to read. @default 0 */
  readonly start?: number;
  /** Byte after the last one to read. @default to the end */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

export interface PutFileOptions {
  /** User metadata, without the `x-amz-meta-` prefix. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the file must hold, byte by byte, when it is read to be put. @default whatever it holds */
  readonly content?: ExpectedContent;
}

export interface CopyOptions {
  /** ETag that the source must have; other content is refused with `ObjectChangedError`. @default whatever is there */
  readonly etag?: string;
  /**
   * User metadata of the copy. What the source says of its content (Content-Encoding, Content-Type and their like) goes along all the
   * same; its tags don't: they are for who may do what in the source's bucket.
   *
   * @default the source's own, and its tags
   */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Once aborted, a copy by parts ends and leaves none behind. */
  readonly signal?: AbortSignal;
}

export interface ExpectedContent {
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal digits. @default the size is enough */
  readonly sha256?: string;
}

/** A file of this machine is no longer what was listed. */
export class LocalFileChangedError extends Error {
  public override readonly name = "LocalFileChangedError";
  public readonly fix = "submit it when nothing writes to it any more, or a copy of it";
  /** @param foundBytes as many were read; one that has more than expected is not read to its end */
  public constructor(path: string, { size }: ExpectedContent, foundBytes: number) {
    const how =
      foundBytes === size
        ? "it has another content of the same size"
        : foundBytes > size
          ? `it had ${size} bytes and has more now`
          : `it had ${size} bytes and has ${foundBytes} now`;
    super(`'${path}' was changed while it was submitted: ${how}`);
  }
}

/** S3, as far as Filemill needs it. */
export interface ObjectStore {
  /** @throws ObjectMissingError, ObjectChangedError, ObjectAccessDeniedError, ObjectArchivedError, BucketMissingError */
  get(bucket: string, key: string, options?: GetOptions): Promise<ObjectBody>;
  /** What is there now, without its bytes. @throws as `get`, but for ObjectChangedError */
  head(bucket: string, key: string): Promise<ObjectHead & { readonly archived: boolean }>;
  /**
   * Every object below a prefix in key order (UTF-8), "folder" markers (`key` ends with `/`, 0 bytes) left out.
   *
   * @param after key that the listing begins after
   * @throws BucketMissingError, ObjectAccessDeniedError (its `key` is the prefix)
   */
  list(bucket: string, prefix: string, after?: string): AsyncIterable<ListedObject>;
  /** A page of what `list` gives, in one request. @throws as `list` */
  listPage(bucket: string, prefix: string, options?: ListPageOptions): Promise<ListedPage>;
  put(bucket: string, key: string, body: string | Uint8Array): Promise<void>;
  /**
   * Puts a file of this machine, by parts when it is big.
   *
   * @throws LocalFileChangedError when its bytes are not those of `options.content`: then nothing is stored; the system's error when it
   *   can't be read
   */
  putFile(bucket: string, key: string, path: string, options?: PutFileOptions): Promise<void>;
  /**
   * Puts bytes that come one after the other, by parts when they are many.
   *
   * @param name names them in errors
   * @throws LocalFileChangedError when they are not those of `options.content`, and what `body` throws: then nothing is stored
   */
  putStream(
    bucket: string,
    key: string,
    name: string,
    body: AsyncIterable<Uint8Array>,
    options: PutFileOptions & { readonly content: ExpectedContent },
  ): Promise<void>;
  /**
   * Copies within S3: no byte comes through this machine. An object of any size, by parts when it is big.
   *
   * @throws ObjectMissingError, ObjectChangedError, ObjectAccessDeniedError, ObjectArchivedError, BucketMissingError: then nothing is
   * stored
   */
  copy(from: ObjectPlace, to: ObjectPlace, options?: CopyOptions): Promise<void>;
}

abstract class ObjectError extends Error {
  public constructor(
    public readonly bucket: string,
    public readonly key: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`s3://${bucket}/${key}: ${problem}`, options);
  }
}
export class ObjectMissingError extends ObjectError {
  public override readonly name = "ObjectMissingError";
  public readonly fix =
    "it has expired, or somebody removed it: `npx filemill verify BATCH` says what is left of a batch; submit its files again in another one";
  public constructor(bucket: string, key: string, options?: ErrorOptions) {
    super(bucket, key, "no such object", options);
  }
}
export class ObjectChangedError extends ObjectError {
  public override readonly name = "ObjectChangedError";
  public constructor(bucket: string, key: string, options?: ErrorOptions) {
    super(bucket, key, "its content is no longer the one the plan froze", options);
  }
}
export class ObjectAccessDeniedError extends ObjectError {
  public override readonly name = "ObjectAccessDeniedError";
  /** The IAM action that was refused, such as `s3:ListBucket`. */
  public readonly action: string | undefined;
  public constructor(bucket: string, key: string, options?: ErrorOptions & { readonly action?: string }) {
    super(bucket, key, `access denied; the process's role must allow ${options?.action ?? "it"}`, options);
    this.action = options?.action;
  }
}
/** The object is in an archive class and no restored copy of it can be read. */
export class ObjectArchivedError extends ObjectError {
  public override readonly name = "ObjectArchivedError";
  public constructor(bucket: string, key: string, options?: ErrorOptions) {
    super(bucket, key, "it is archived and not restored, so it can't be read; restore it and submit it again", options);
  }
}
/** The bucket is not in the region that the stack is in. */
export class BucketElsewhereError extends ObjectError {
  public override readonly name = "BucketElsewhereError";
  public constructor(bucket: string, key: string, options?: ErrorOptions) {
    super(bucket, key, `the bucket ${bucket} is in another region`, options);
  }
}
export class BucketMissingError extends ObjectError {
  public override readonly name = "BucketMissingError";
  public constructor(bucket: string, key: string, options?: ErrorOptions) {
    super(bucket, key, `there is no bucket ${bucket}`, options);
  }
}
