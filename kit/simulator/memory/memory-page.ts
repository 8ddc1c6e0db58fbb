import type { ListedObject, ListedPage } from "../../ports/object-store";
import type { MemoryBucket, StoredObject } from "./memory-bucket";

interface PageOfKeys {
  readonly prefix: string;
  readonly after: string | undefined;
  readonly delimiter: string | undefined;
  /** Keys and folders together. */
  readonly count: number;
}

/**
 * A page of a bucket's listing; its continuation is the last key, or the end of the last folder, that it has.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function memoryPage(bucket: string, stored: MemoryBucket, { after, count, delimiter, prefix }: PageOfKeys): ListedPage {
  if (delimiter !== undefined) return pageWithFolders(bucket, stored, { after, count, delimiter, prefix });
  const entries = stored.page(prefix, after, count + 1);
  const shown = entries.slice(0, count);
  const last = entries.length > count ? shown.at(-1)?.key : undefined;
  return {
    objects: shown.filter(isNoMarker).map(({ key, object }) => listedObject(bucket, key, object)),
    folders: [],
    ...(last === undefined ? {} : { continuation: last }),
  };
}

function pageWithFolders(
  bucket: string,
  stored: MemoryBucket,
  { after, count, delimiter, prefix }: PageOfKeys & { readonly delimiter: string },
): ListedPage {
  const objects: ListedObject[] = [];
  const folders: string[] = [];
  let position = after;
  for (let taken = 0; taken < count; taken += 1) {
    const [next] = stored.page(prefix, position, 1);
    if (next === undefined) return { objects, folders };
    const end = next.key.indexOf(delimiter, prefix.length);
    if (end >= 0) folders.push(next.key.slice(0, end + delimiter.length));
    else if (isNoMarker(next)) objects.push(listedObject(bucket, next.key, next.object));
    position = end < 0 ? next.key : next.key.slice(0, end + delimiter.length) + LAST_CHARACTER;
  }
  const isLast = stored.page(prefix, position, 1).length === 0;
  return { objects, folders, ...(isLast || position === undefined ? {} : { continuation: position }) };
}

/** Sorts behind every key of a folder. */
const LAST_CHARACTER = String.fromCodePoint(0x10ffff);

const isNoMarker = ({ key, object }: { readonly key: string; readonly object: StoredObject }): boolean =>
  !(key.endsWith("/") && object.bytes.length === 0);

const listedObject = (bucket: string, key: string, object: StoredObject): ListedObject => {
  const { bytes, etag, lastModified, storageClass, restored } = object;
  return { bucket, key, etag, size: bytes.length, lastModified, storageClass, restored };
};
