import { z } from "zod";

/** Identity of a file's content: key, ETag without quotes, size, version id where known. */
export const fileIdentitySchema = z.object({
  bucket: z.string(),
  key: z.string(),
  etag: z.string(),
  /** Size as stored, in bytes. */
  size: z.int().min(0),
  versionId: z.string().optional(),
  /** ISO 8601, UTC. */
  lastModified: z.string(),
});

export type FileIdentity = z.output<typeof fileIdentitySchema>;

/** Where an object lies, or is to lie. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}
