import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { forEachConcurrently } from "../lib/for-each-concurrently";
import type { ObjectPlace } from "../ports/object-identity";

/** CopyObject takes up to 5 GiB. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const MAXIMUM_SINGLE_COPY_BYTES = 5 * 1_073_741_824;
/** Parts of 512 MiB: a failed one is cheap to repeat. At most 10,000 parts, so bigger ones for objects above 4.9 TiB. */
const MINIMUM_PART_BYTES = 512 * 1_048_576;
const MAXIMUM_PARTS = 10_000;
/** S3 copies within itself, so this is calls under way, not our bandwidth. */
const PARTS_AT_A_TIME = 8;

/** Value of `x-amz-copy-source`: URL-encoded but for the slashes. */
export const copySource = ({ bucket, key }: ObjectPlace): string => `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;

/** What an object says of its content, for a write that does not take it along by itself. */
export function contentHeadersOf(source: HeadObjectCommandOutput) {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, ExpiresString } = source;
  const expires = ExpiresString === undefined ? Number.NaN : Date.parse(ExpiresString);
  return {
    CacheControl,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    ContentType,
    // what is no date means "expired already" to whoever reads it; no write takes it
    ...(Number.isNaN(expires) ? {} : { Expires: new Date(expires) }),
  };
}

/** The content of a source, and what its copy says of itself. */
export interface CopiedContent {
  readonly source: HeadObjectCommandOutput;
  /** ETag that every part must come from. */
  readonly etag: string | undefined;
  /** @default the source's */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Ends the copy between two parts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies an object above 5 GiB by parts, all from one content; what describes the content goes along as CopyObject would take it. A copy
 * that fails leaves no parts behind.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
 */
export async function multipartCopy(client: S3Client, from: ObjectPlace, to: ObjectPlace, content: CopiedContent): Promise<void> {
  const { etag, metadata, signal, source } = content;
  const { ContentLength: size = 0 } = source;
  const target = { Bucket: to.bucket, Key: to.key };
  const described = { ...contentHeadersOf(source), Metadata: { ...(metadata ?? source.Metadata) } };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...described }));
  const partBytes = Math.max(MINIMUM_PART_BYTES, Math.ceil(size / MAXIMUM_PARTS));
  const parts = Array.from({ length: Math.ceil(size / partBytes) }, (_, index): CompletedPart => ({ PartNumber: index + 1 }));
  try {
    await forEachConcurrently(
      parts.entries(),
      PARTS_AT_A_TIME,
      async ([index, part]) => {
        const range = `bytes=${index * partBytes}-${Math.min(size, (index + 1) * partBytes) - 1}`;
        const { CopyPartResult } = await client.send(
          new UploadPartCopyCommand({
            ...target,
            UploadId,
            PartNumber: index + 1,
            CopySource: copySource(from),
            CopySourceIfMatch: etag,
            CopySourceRange: range,
          }),
        );
        part.ETag = CopyPartResult?.ETag;
      },
      signal,
    );
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch((aborting: unknown) => {
      throw new AggregateError([error, aborting], `the copy to s3://${to.bucket}/${to.key} failed, and its parts could not be removed`);
    });
    throw error;
  }
}
