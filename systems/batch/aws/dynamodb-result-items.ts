import { z } from "zod";
import { textEncodingSchema } from "../../../workloads/text/text-encodings";
import type { FileItem } from "../ports/result-store";
import { checkStored } from "../../../kit/lib/stored-json";

/**
 * An item of the table `wordfreq`. `Version` orders the contents of one file: by last-modified, then ETag, then options hash. Its
 * times have one width, so text order is time order.
 */
const resultItemSchema = z.object({
  /** `bucket/key`; a bucket's name has no slash. */
  Filename: z.string().regex(/^[^/]+\/./su),
  /** How its bytes were read: `TextBytes` of a gzip file are the unpacked ones, `InvalidBytes` are no text in this encoding. */
  Encoding: textEncodingSchema,
  TextBytes: z.int().min(0),
  InvalidBytes: z.int().min(0),
  Words: z.record(z.string(), z.int().min(1)),
  TotalWords: z.int().min(0),
  DistinctWords: z.int().min(0),
  OverlongWords: z.int().min(0),
  ETag: z.string(),
  VersionId: z.string().optional(),
  Size: z.int().min(0),
  LastModified: z.string(),
  OptionsHash: z.string(),
  BatchId: z.string().optional(),
  Version: z.string(),
});
export type ResultItem = z.output<typeof resultItemSchema>;

/** Key of an item; `filename` is `bucket/key`. */
export const resultKey = (filename: string): Record<string, unknown> => ({ Filename: filename });

export function toResultItem(item: FileItem): ResultItem {
  const lastModified = new Date(item.lastModified).toISOString();
  return {
    Filename: `${item.bucket}/${item.key}`,
    Encoding: item.encoding,
    TextBytes: item.textBytes,
    InvalidBytes: item.invalidBytes,
    Words: Object.fromEntries(item.words.map(({ word, count }) => [word, count])),
    TotalWords: item.totalWords,
    DistinctWords: item.distinctWords,
    OverlongWords: item.overlongWords,
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
    encoding: item.Encoding,
    textBytes: item.TextBytes,
    invalidBytes: item.InvalidBytes,
    words: Object.entries(item.Words)
      .map(([word, count]) => ({ word, count }))
      .sort(byCountThenWord),
    totalWords: item.TotalWords,
    distinctWords: item.DistinctWords,
    overlongWords: item.OverlongWords,
    optionsHash: item.OptionsHash,
    ...(item.BatchId === undefined ? {} : { batchId: item.BatchId }),
  };
}

/** A table map has no order; a list of words has: most frequent first, then by UTF-8 bytes, which is code point order. */
const byCountThenWord = (a: { word: string; count: number }, b: { word: string; count: number }): number =>
  b.count - a.count || Buffer.compare(Buffer.from(a.word), Buffer.from(b.word));
