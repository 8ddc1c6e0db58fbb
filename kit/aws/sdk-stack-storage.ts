import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  ListObjectVersionsCommand,
  S3ServiceException,
  type DeleteMarkerEntry,
  type ObjectVersion as ListedVersion,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { BucketMissingError } from "../ports/object-store";
import { VersionsNotRemovedError, type ObjectVersion, type StackStorage, type Tags } from "../ports/stack-storage";
import { objectError } from "./s3-errors";
import { decodedKey, IncompleteAnswerError } from "./s3-object-store";

/** What a request in XML can't hold, or not unchanged; an address can. https://www.w3.org/TR/xml/#charsets */
const NOT_IN_XML = /[\p{Cc}\ufffe\uffff]/u;

/** S3 and DynamoDB through the SDK. */
export class SdkStackStorage implements StackStorage {
  /** @param account that the buckets must belong to: a name that somebody else took since is refused by S3 itself */
  public constructor(
    private readonly s3: S3Client,
    private readonly tables: DynamoDBDocumentClient,
    private readonly account: string,
  ) {}

  public async tagsOf(bucket: string): Promise<Tags | undefined> {
    try {
      const { TagSet = [] } = await this.s3.send(new GetBucketTaggingCommand(this.in(bucket)));
      return Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value]));
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === "NoSuchTagSet") return {};
      const told = objectError(error, "s3:GetBucketTagging", bucket, "");
      if (told instanceof BucketMissingError) return undefined;
      throw told;
    }
  }

  public async *versions(bucket: string): AsyncIterable<readonly ObjectVersion[]> {
    let next: { readonly KeyMarker?: string | undefined; readonly VersionIdMarker?: string | undefined } | undefined = {};
    while (next !== undefined) {
      const page = await this.versionsPage(bucket, next);
      const isEncoded = page.EncodingType === "url";
      const listed = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map((entry) => objectVersion(bucket, entry, isEncoded));
      if (listed.length > 0) yield listed;
      next =
        page.IsTruncated === true
          ? {
              KeyMarker: page.NextKeyMarker === undefined ? undefined : isEncoded ? decodedKey(page.NextKeyMarker) : page.NextKeyMarker,
              VersionIdMarker: page.NextVersionIdMarker,
            }
          : undefined;
    }
  }

  public async remove(bucket: string, page: readonly ObjectVersion[]): Promise<void> {
    const single = page.filter(({ key }) => NOT_IN_XML.test(key));
    const together = page.filter(({ key }) => !NOT_IN_XML.test(key));
    try {
      if (together.length > 0) await this.removeTogether(bucket, together);
      for (const { key, versionId } of single)
        await this.s3.send(new DeleteObjectCommand({ ...this.in(bucket), Key: key, VersionId: versionId }));
    } catch (error) {
      throw objectError(error, "s3:DeleteObject and s3:DeleteObjectVersion", bucket, "");
    }
  }

  public async isProtected(table: string): Promise<boolean | undefined> {
    try {
      const { Table } = await this.tables.send(new DescribeTableCommand({ TableName: table }));
      return Table?.DeletionProtectionEnabled === true;
    } catch (error) {
      if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  }

  private async versionsPage(
    bucket: string,
    from: { readonly KeyMarker?: string | undefined; readonly VersionIdMarker?: string | undefined },
  ) {
    try {
      return await this.s3.send(new ListObjectVersionsCommand({ ...this.in(bucket), ...from, EncodingType: "url" }));
    } catch (error) {
      throw objectError(error, "s3:ListBucketVersions", bucket, "");
    }
  }

  private async removeTogether(bucket: string, page: readonly ObjectVersion[]): Promise<void> {
    const Objects = page.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
    const { Errors = [] } = await this.s3.send(new DeleteObjectsCommand({ ...this.in(bucket), Delete: { Objects, Quiet: true } }));
    const [first] = Errors;
    if (first === undefined) return;
    throw new VersionsNotRemovedError(
      bucket,
      Errors.length,
      `${first.Key ?? ""}: ${first.Code ?? "no code"}, ${first.Message ?? "no message"}`,
    );
  }

  private in(bucket: string) {
    return { Bucket: bucket, ExpectedBucketOwner: this.account };
  }
}

function objectVersion(bucket: string, entry: ListedVersion | DeleteMarkerEntry, isEncoded: boolean): ObjectVersion {
  const { Key, VersionId } = entry;
  if (Key === undefined || VersionId === undefined) throw new IncompleteAnswerError("ListObjectVersions", bucket, Key ?? "");
  return { key: isEncoded ? decodedKey(Key) : Key, versionId: VersionId, bytes: "Size" in entry ? (entry.Size ?? 0) : 0 };
}
