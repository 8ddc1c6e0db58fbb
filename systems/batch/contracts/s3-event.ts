import { z } from "zod";
import { schemaProblem } from "../../../kit/lib/schema-problem";

/**
 * S3 event notification as far as we read it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
const recordSchema = z.object({
  eventSource: z.literal("aws:s3"),
  eventName: z.string().startsWith("ObjectCreated:"),
  s3: z.object({
    bucket: z.object({ name: z.string().min(3) }),
    object: z.object({ key: z.string().min(1), eTag: z.string().optional() }),
  }),
});
const eventSchema = z.object({ Records: z.array(recordSchema).min(1) });
const testEventSchema = z.object({ Event: z.literal("s3:TestEvent") });

export interface UploadRecord {
  readonly bucket: string;
  /** Decoded: S3 URL-encodes keys in notifications, with `+` for a space (requirement O.9). */
  readonly key: string;
  /** Of the content that the event is about, without quotes. S3 names it; a message that a person made may not. */
  readonly etag?: string;
}

export type ParsedUploadMessage =
  | { readonly kind: "records"; readonly records: readonly UploadRecord[] }
  /** What S3 sends once when a notification is configured: nothing to do. */
  | { readonly kind: "test" }
  | { readonly kind: "unreadable"; readonly problem: string };

/** Understands a message of the jobs queue; several records in one message are several files (requirement O.5). */
export function parseUploadMessage(body: string): ParsedUploadMessage {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch (error) {
    return { kind: "unreadable", problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (testEventSchema.safeParse(content).success) return { kind: "test" };
  const parsed = eventSchema.safeParse(content);
  if (!parsed.success) return { kind: "unreadable", problem: schemaProblem(parsed.error) };
  try {
    return { kind: "records", records: parsed.data.Records.map(({ s3 }) => recordOf(s3)) };
  } catch (error) {
    return { kind: "unreadable", problem: `key is not URL-encoded: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function recordOf({ bucket, object: { eTag, key } }: z.output<typeof recordSchema>["s3"]): UploadRecord {
  return { bucket: bucket.name, key: decodeKey(key), ...(eTag === undefined ? {} : { etag: eTag.replaceAll('"', "") }) };
}

/** The event that S3 would have sent for an object, as text. */
export const uploadEventOf = ({ bucket, etag, key }: UploadRecord): string => {
  const object = { key: encodeKey(key), ...(etag === undefined ? {} : { eTag: etag }) };
  return JSON.stringify({ Records: [{ eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: { bucket: { name: bucket }, object } }] });
};

const encodeKey = (key: string): string => encodeURIComponent(key).replaceAll("%20", "+");
const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll("+", " "));
