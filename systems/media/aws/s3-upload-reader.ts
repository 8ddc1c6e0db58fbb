import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { objectError } from "../../../kit/aws/s3-errors";
import type { UploadPlace, UploadReader } from "../ports/upload-reader";

/** Looks at uploads in S3, each with one call. */
export class S3UploadReader implements UploadReader {
  public constructor(private readonly client: S3Client) {}

  public async look({ bucket, key, versionId, size }: UploadPlace, bytes: number): ReturnType<UploadReader["look"]> {
    const place = { Bucket: bucket, Key: key, VersionId: versionId };
    try {
      // a range of an empty object is refused
      if (size === 0) {
        const { ContentType, Metadata } = await this.client.send(new HeadObjectCommand(place));
        return seen(ContentType, Metadata, new Uint8Array());
      }
      const { Body, ContentType, Metadata } = await this.client.send(new GetObjectCommand({ ...place, Range: `bytes=0-${bytes - 1}` }));
      if (Body === undefined) throw new Error(`S3 sent no body for s3://${bucket}/${key}; is the endpoint really S3?`);
      return seen(ContentType, Metadata, await Body.transformToByteArray());
    } catch (error) {
      throw objectError(error, "s3:GetObjectVersion", bucket, key);
    }
  }
}

const seen = (contentType: string | undefined, metadata: Record<string, string> = {}, firstBytes: Uint8Array) => ({
  ...(contentType === undefined ? {} : { contentType }),
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value])),
  firstBytes,
});
