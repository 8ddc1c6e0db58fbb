import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  type HeadObjectCommandOutput,
  type ListObjectsV2CommandOutput,
  type S3Client,
  type _Object as ListedEntry,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type {
  CopyOptions,
  ExpectedContent,
  GetOptions,
  ListedObject,
  ListedPage,
  ListPageOptions,
  ObjectBody,
  ObjectHead,
  ObjectStore,
  PutFileOptions,
} from "../ports/object-store";
import type { ObjectPlace } from "../ports/object-identity";
import { abortableBody } from "../lib/abortable-body";
import { checkedContent } from "../lib/checked-content";
import { listPages } from "../lib/listing/list-pages";
import { flattened } from "../lib/pages";
import { copyAnySize } from "./s3-copy";
import { objectError } from "./s3-errors";

/** Smallest part of an upload by parts that we use; four of them are held in memory at a time. */
const MINIMUM_PART_BYTES = 8 * 1_048_576;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAXIMUM_PARTS = 10_000;

/** S3 through the SDK. Bodies are streams of the connection: their errors are the reader's. */
export class S3ObjectStore implements ObjectStore {
  public constructor(private readonly client: S3Client) {}

  public async get(bucket: string, key: string, options: GetOptions = {}): Promise<ObjectBody> {
    const { identity, start = 0, end, signal } = options;
    const whole = start === 0 && end === undefined;
    try {
      const output = await this.client.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(whole ? {} : { Range: `bytes=${start}-${end === undefined ? "" : end - 1}` }),
          // a version id alone is not enough: the version "null" of a bucket with suspended versioning can be overwritten
          ...(identity === undefined ? {} : { IfMatch: `"${identity.etag}"` }),
          ...(identity?.versionId === undefined ? {} : { VersionId: identity.versionId }),
        }),
        signal === undefined ? {} : { abortSignal: signal },
      );
      const { Body, ETag, LastModified, VersionId } = output;
      if (!(Body instanceof Readable) || ETag === undefined || LastModified === undefined)
        throw new IncompleteAnswerError("GetObject", bucket, key);
      return {
        body: abortableBody(Body, signal),
        etag: unquoted(ETag),
        size: wholeSize(output.ContentRange, output.ContentLength, bucket, key),
        lastModified: wholeSeconds(LastModified),
        ...(VersionId === undefined ? {} : { versionId: VersionId }),
        metadata: output.Metadata ?? {},
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw objectError(error, "s3:GetObject", bucket, key);
    }
  }

  /** Needs s3:GetObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
  public async head(bucket: string, key: string): Promise<ObjectHead & { readonly archived: boolean }> {
    try {
      const output = await this.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      const { ContentLength, ETag, LastModified, VersionId } = output;
      if (ETag === undefined || LastModified === undefined || ContentLength === undefined)
        throw new IncompleteAnswerError("HeadObject", bucket, key);
      return {
        etag: unquoted(ETag),
        size: ContentLength,
        lastModified: wholeSeconds(LastModified),
        ...(VersionId === undefined ? {} : { versionId: VersionId }),
        metadata: output.Metadata ?? {},
        archived: isArchived(output),
      };
    } catch (error) {
      throw await this.headError(error, bucket, key);
    }
  }

  public list(bucket: string, prefix: string, after?: string): AsyncIterable<ListedObject> {
    return flattened(listPages(this, bucket, prefix, after));
  }

  public async listPage(bucket: string, prefix: string, options: ListPageOptions = {}): Promise<ListedPage> {
    const { after, continuation, delimiter } = options;
    try {
      const output = await this.client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(after === undefined ? {} : { StartAfter: after }),
          ...(continuation === undefined ? {} : { ContinuationToken: continuation }),
          ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
          // keys may hold characters that XML 1.0 can't; https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
          EncodingType: "url",
          OptionalObjectAttributes: ["RestoreStatus"],
        }),
      );
      return listedPage(bucket, prefix, output);
    } catch (error) {
      throw objectError(error, "s3:ListBucket", bucket, prefix);
    }
  }

  public async put(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    try {
      await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: Buffer.byteLength(body) }));
    } catch (error) {
      throw objectError(error, "s3:PutObject", bucket, key);
    }
  }

  public async putFile(bucket: string, key: string, path: string, { content, metadata = {} }: PutFileOptions = {}): Promise<void> {
    const { size } = await stat(path);
    const file = createReadStream(path);
    try {
      const body =
        content === undefined ? file : Readable.from(checkedContent(path, file as AsyncIterable<Buffer>, content), { objectMode: false });
      await this.upload(bucket, key, body, size, metadata);
    } finally {
      file.destroy();
    }
  }

  public putStream(
    bucket: string,
    key: string,
    name: string,
    body: AsyncIterable<Uint8Array>,
    { content, metadata = {} }: PutFileOptions & { readonly content: ExpectedContent },
  ): Promise<void> {
    return this.upload(bucket, key, Readable.from(checkedContent(name, body, content), { objectMode: false }), content.size, metadata);
  }

  public async copy(from: ObjectPlace, to: ObjectPlace, options: CopyOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    // a copy that says something else of itself than its source must say all of it
    const source = options.metadata === undefined ? undefined : await this.headOfSource(from);
    try {
      await copyAnySize(this.client, from, to, options, source);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw objectError(error, `s3:GetObject on ${from.bucket} and s3:PutObject on ${to.bucket}`, from.bucket, from.key);
    }
  }

  /** A stream that fails before its end stores nothing: parts are aborted, and a single part is sent after the end. */
  private async upload(
    bucket: string,
    key: string,
    body: Readable,
    size: number,
    metadata: Readonly<Record<string, string>>,
  ): Promise<void> {
    try {
      await new Upload({
        client: this.client,
        params: { Bucket: bucket, Key: key, Body: body, Metadata: { ...metadata } },
        partSize: Math.max(MINIMUM_PART_BYTES, Math.ceil(size / MAXIMUM_PARTS)),
      }).done();
    } catch (error) {
      throw objectError(error, "s3:PutObject", bucket, key);
    } finally {
      body.destroy();
    }
  }

  /** A HEAD's answer has no body to say what is missing or wrong with the request: a GET says it. */
  private async headError(error: unknown, bucket: string, key: string): Promise<unknown> {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    const told = objectError(error, "s3:GetObject", bucket, key);
    if (status === undefined || status < 400 || status >= 500) return told;
    try {
      (await this.get(bucket, key)).body.destroy();
    } catch (reason) {
      return reason;
    }
    return told;
  }

  private async headOfSource({ bucket, key }: ObjectPlace): Promise<HeadObjectCommandOutput> {
    try {
      return await this.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    } catch (error) {
      throw await this.headError(error, bucket, key);
    }
  }
}

/** S3 left out something that its API always has. */
export class IncompleteAnswerError extends Error {
  public override readonly name = "IncompleteAnswerError";
  public constructor(call: string, bucket: string, key: string) {
    super(`${call} of s3://${bucket}/${key} answered without a field that S3 always sends; is the endpoint really S3?`);
  }
}

/**
 * A GET tells the time in whole seconds; a listing has a field for milliseconds, which emulators fill. One content must have one time,
 * whichever call told it.
 */
const wholeSeconds = (time: Date): string => new Date(Math.floor(time.getTime() / 1_000) * 1_000).toISOString();

const unquoted = (etag: string): string => etag.replaceAll('"', "");

/**
 * In an archive class without a restored copy, or in an archive tier of S3 Intelligent-Tiering, which a HEAD tells and a listing does
 * not. https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
 */
function isArchived({ StorageClass, ArchiveStatus, Restore }: HeadObjectCommandOutput): boolean {
  const archived = StorageClass === "GLACIER" || StorageClass === "DEEP_ARCHIVE" || ArchiveStatus !== undefined;
  return archived && Restore?.includes('ongoing-request="false"') !== true;
}

/** `bytes 0-8191/12345` says the object's size when only a range came. */
function wholeSize(contentRange: string | undefined, contentLength: number | undefined, bucket: string, key: string): number {
  const size = contentRange === undefined ? contentLength : Number(/\/(\d+)$/.exec(contentRange)?.[1] ?? Number.NaN);
  if (size === undefined || Number.isNaN(size)) throw new IncompleteAnswerError("GetObject", bucket, key);
  return size;
}

/** A key of a listing with `EncodingType: "url"`. */
export const decodedKey = (key: string): string => decodeURIComponent(key.replaceAll("+", " "));

/** A page that is not the last has what asks for the next one: without it a listing would end early, and nobody would know. */
function listedPage(bucket: string, prefix: string, output: ListObjectsV2CommandOutput): ListedPage {
  const { CommonPrefixes = [], Contents = [], EncodingType, IsTruncated, NextContinuationToken } = output;
  const isEncoded = EncodingType === "url";
  if (IsTruncated === true && NextContinuationToken === undefined) throw new IncompleteAnswerError("ListObjectsV2", bucket, prefix);
  return {
    objects: Contents.map((entry) => listedObject(bucket, entry, isEncoded)).filter(({ key, size }) => !(key.endsWith("/") && size === 0)),
    folders: CommonPrefixes.flatMap(({ Prefix = "" }) => (isEncoded ? decodedKey(Prefix) : Prefix)),
    ...(IsTruncated === true && NextContinuationToken !== undefined ? { continuation: NextContinuationToken } : {}),
  };
}

function listedObject(bucket: string, entry: ListedEntry, encoded: boolean): ListedObject {
  const { Key, ETag, Size, LastModified, StorageClass, RestoreStatus } = entry;
  if (Key === undefined || ETag === undefined || Size === undefined || LastModified === undefined) {
    throw new IncompleteAnswerError("ListObjectsV2", bucket, Key ?? "");
  }
  return {
    bucket,
    key: encoded ? decodedKey(Key) : Key,
    etag: unquoted(ETag),
    size: Size,
    lastModified: wholeSeconds(LastModified),
    storageClass: StorageClass ?? "STANDARD",
    restored: RestoreStatus?.RestoreExpiryDate !== undefined && RestoreStatus.IsRestoreInProgress !== true,
  };
}
