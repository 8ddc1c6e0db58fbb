import {
  CopyObjectCommand,
  HeadObjectCommand,
  S3ServiceException,
  type CopyObjectCommandInput,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { CopyOptions } from "../ports/object-store";
import type { ObjectPlace } from "../ports/object-identity";
import { contentHeadersOf, copySource, MAXIMUM_SINGLE_COPY_BYTES, multipartCopy } from "./s3-multipart-copy";

/**
 * Copies an object of any size within S3.
 *
 * @param source what a HEAD says of it; needed for other metadata than its own, because a copy that says something else of itself must
 *   say all of it (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html)
 */
export async function copyAnySize(
  client: S3Client,
  from: ObjectPlace,
  to: ObjectPlace,
  { etag, metadata, signal }: CopyOptions,
  source: HeadObjectCommandOutput | undefined,
): Promise<void> {
  const quoted = etag === undefined ? source?.ETag : `"${etag}"`;
  const input: CopyObjectCommandInput = { Bucket: to.bucket, Key: to.key, CopySource: copySource(from), CopySourceIfMatch: quoted };
  if (source !== undefined && isTooBig(source)) return multipartCopy(client, from, to, { source, etag: quoted, metadata, signal });
  try {
    await client.send(new CopyObjectCommand(source === undefined ? input : { ...input, ...describedAnew(source, metadata) }));
  } catch (error) {
    if (source !== undefined || !(error instanceof S3ServiceException && error.name === "InvalidRequest")) throw error;
    // S3 says "invalid request" of a source above 5 GiB and of other things: the size tells which
    const found = await client.send(new HeadObjectCommand({ Bucket: from.bucket, Key: from.key }));
    if (!isTooBig(found)) throw error;
    await multipartCopy(client, from, to, { source: found, etag: quoted ?? found.ETag, signal });
  }
}

const isTooBig = ({ ContentLength = 0 }: HeadObjectCommandOutput): boolean => ContentLength > MAXIMUM_SINGLE_COPY_BYTES;

const describedAnew = (source: HeadObjectCommandOutput, metadata: CopyOptions["metadata"]): Partial<CopyObjectCommandInput> => ({
  ...contentHeadersOf(source),
  MetadataDirective: "REPLACE",
  Metadata: { ...metadata },
  // taking tags along would need permissions for tags on both buckets
  TaggingDirective: "REPLACE",
});
