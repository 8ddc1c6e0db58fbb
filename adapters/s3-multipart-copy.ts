import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { forEachConcurrently } from "../core/for-each-concurrently";

/** CopyObject takes up to 5 GiB. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const MAXIMUM_SINGLE_COPY_BYTES = 5 * 1_073_741_824;
/** Parts of 512 MiB: a failed one is cheap to repeat. At most 10,000 parts, so bigger ones for objects above 4.9 TiB. */
const MINIMUM_PART_BYTES = 512 * 1_048_576;
const MAXIMUM_PARTS = 10_000;
/** S3 copies within itself, so this is calls under way, not our bandwidth. */
const PARTS_AT_A_TIME = 8;

interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** Value of `x-amz-copy-source`: URL-encoded but for the slashes. */
export const copySource = ({ bucket, key }: Place): string => `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;

/**
 * Copies an object above 5 GiB by parts, all from the content that `source` describes; what describes the content goes along as
 * CopyObject would take it. A copy that fails leaves no parts behind.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
 */
export async function multipartCopy(client: S3Client, from: Place, to: Place, source: HeadObjectCommandOutput): Promise<void> {
  const target = { Bucket: to.bucket, Key: to.key };
  const {
    ContentLength: size = 0,
    ETag: etag,
    ContentType,
    ContentEncoding,
    ContentLanguage,
    ContentDisposition,
    CacheControl,
    Metadata,
  } = source;
  const described = { ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl, Metadata };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...described }));
  const partBytes = Math.max(MINIMUM_PART_BYTES, Math.ceil(size / MAXIMUM_PARTS));
  const parts = Array.from({ length: Math.ceil(size / partBytes) }, (_, index): CompletedPart => ({ PartNumber: index + 1 }));
  try {
    await forEachConcurrently(parts.entries(), PARTS_AT_A_TIME, async ([index, part]) => {
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
    });
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }));
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch((aborting: unknown) => {
      throw new AggregateError([error, aborting], `the copy to s3://${to.bucket}/${to.key} failed, and its parts could not be removed`);
    });
    throw error;
  }
}
