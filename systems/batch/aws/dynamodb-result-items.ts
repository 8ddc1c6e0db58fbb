import { z } from "zod";
import type { FileItem } from "../ports/result-store";
import { checkStored } from "../../../kit/lib/stored-json";

/**
 * An item of the table `wordfreq`. `Version` orders the contents of one file: by last-modified, then ETag, then options hash. Its
 * times have one width, so text order is time order.
 */
const resultItemSchema = z.looseObject({
  /** `bucket/key`; a bucket's name has no slash. */
  Filename: z.string().regex(/^[^/]+\/./su),
  Workload: z.string(),
  ETag: z.string(),
  VersionId: z.string().optional(),
  Size: z.int().min(0),
  LastModified: z.string(),
  OptionsHash: z.string(),
  BatchId: z.string().optional(),
  Version: z.string(),
});
export type ResultItem = z.output<typeof resultItemSchema>;

/** Attribute that is the only key. */
export const RESULT_KEY = "Filename";
/** Key of an item; `filename` is `bucket/key`. */
export const resultKey = (filename: string): Record<string, unknown> => ({ [RESULT_KEY]: filename });

export function toResultItem(item: FileItem): ResultItem {
  const lastModified = new Date(item.lastModified).toISOString();
  return {
    ...item.attributes,
    Filename: `${item.bucket}/${item.key}`,
    Workload: item.workload,
    ETag: item.etag,
    ...(item.versionId === undefined ? {} : { VersionId: item.versionId }),
    Size: item.size,
    LastModified: lastModified,
    OptionsHash: item.optionsHash,
    ...(item.batchId === undefined ? {} : { BatchId: item.batchId }),
    Version: `${lastModified}#${item.etag}#${item.optionsHash}`,
  };
}

/** @throws StoredFormatError when the item is not one of ours */
export function fromResultItem(stored: unknown): FileItem {
  const item = checkStored(resultItemSchema, stored, "an item of the results table", "one of ours");
  const slash = item.Filename.indexOf("/");
  return {
    bucket: item.Filename.slice(0, slash),
    key: item.Filename.slice(slash + 1),
    etag: item.ETag,
    size: item.Size,
    ...(item.VersionId === undefined ? {} : { versionId: item.VersionId }),
    lastModified: item.LastModified,
    workload: item.Workload,
    attributes: attributesOf(item),
    optionsHash: item.OptionsHash,
    ...(item.BatchId === undefined ? {} : { batchId: item.BatchId }),
  };
}

/** What the workload put in: everything that is not ours. */
const attributesOf = (item: ResultItem): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !(name in resultItemSchema.shape)));
