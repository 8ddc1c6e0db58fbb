import { z } from "zod";
import { MEDIA_TYPES, ROUTES } from "./media-types";

/** What is known of an upload: one version of one object. Names and places only, never its bytes (requirement S4.22). */
const classifiedShape = {
  /** Of bucket, key and version; the same in every copy of its message. */
  uploadId: z.string().length(64),
  bucket: z.string(),
  key: z.string(),
  versionId: z.string(),
  etag: z.string(),
  /** Bytes. */
  size: z.int().min(0),
  /** When the upload was complete; ISO 8601, UTC. */
  uploadedAt: z.string(),
  /** Absent: not recognised. */
  type: z.enum(MEDIA_TYPES).optional(),
  /** `png`, `mp4`; absent with the type. */
  format: z.string().optional(),
  /** The action to take; absent when there is none to take. */
  processingOption: z.string().optional(),
  /** Why it is in the queue of what can't be processed. */
  problem: z.string().optional(),
};

/** The message for a consumer. The same upload may come twice, with the same `uploadId`. */
export const uploadMessageSchema = z.object({ schemaVersion: z.literal(1), ...classifiedShape });
export type UploadMessage = z.output<typeof uploadMessageSchema>;

/** The row of the table; its key is `bucket/key` and the version. */
export const uploadRowSchema = z.object({
  ...classifiedShape,
  route: z.enum(ROUTES),
  /** `classified`: its message is not sent, or nobody knows. `sent`: it is in its queue. */
  state: z.enum(["classified", "sent"]),
  /** Whose it is to send the message. */
  claim: z.string(),
  /** Until when nobody else may; milliseconds since the epoch. */
  claimedUntil: z.number(),
});
export type UploadRow = z.output<typeof uploadRowSchema>;
