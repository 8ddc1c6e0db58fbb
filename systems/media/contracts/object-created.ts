import { z } from "zod";

/**
 * EventBridge's word that an object's upload is complete: of a multipart upload, after its last part (requirement S4.2). Keys are not
 * encoded. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export const objectCreatedSchema = z.object({
  source: z.literal("aws.s3"),
  "detail-type": z.literal("Object Created"),
  /** ISO 8601, UTC. */
  time: z.string(),
  detail: z.object({
    bucket: z.object({ name: z.string().min(3) }),
    object: z.object({
      key: z.string().min(1),
      /** Bytes. */
      size: z.int().min(0),
      etag: z.string().min(1),
      /** The input bucket keeps versions, so each upload has one. */
      "version-id": z.string().min(1),
    }),
  }),
});
export type ObjectCreated = z.output<typeof objectCreatedSchema>;
