import { z } from "zod";
import { schemaProblem } from "../../../kit/lib/schema-problem";

/**
 * S3 event notification as far as we read it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
const recordSchema = z.object({
  eventSource: z.literal("aws:s3"),
  eventName: z.string().startsWith("ObjectCreated:"),
  eventTime: z.string().optional(),
  s3: z.object({
    bucket: z.object({ name: z.string().min(3) }),
    object: z.object({ key: z.string().min(1), eTag: z.string().optional(), size: z.int().min(0).optional() }),
  }),
});
const eventSchema = z.object({ Records: z.array(recordSchema).min(1) });
const testEventSchema = z.object({ Event: z.literal("s3:TestEvent") });
/**
 * What Lambda sends to a function's destination for failures, as far as we read it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
const failedEventSchema = z.object({
  requestContext: z.object({ condition: z.string().optional() }).default({}),
  requestPayload: z.looseObject({}),
});
/** The event was in Lambda's queue for as long as it keeps any: there was no room for it, whatever its file is like. */
const EXPIRED = "EventAgeExceeded";

export interface UploadRecord {
  readonly bucket: string;
  /** Decoded: S3 URL-encodes keys in notifications, with `+` for a space (requirement O.9). */
  readonly key: string;
  /** Of the content that the event is about, without quotes. S3 names it; a message that a person made may not. */
  readonly etag?: string;
  /** In bytes, of that content; as with the ETag. */
  readonly size?: number;
  /** When S3 had the object, in milliseconds since the epoch; as with the ETag. */
  readonly happenedAt?: number;
}

export type ParsedUploadMessage =
  | {
      readonly kind: "records";
      readonly records: readonly UploadRecord[];
      /** Lambda gave the event up: it failed to the end, or found no room in all its time. @default it is S3's own, or like it */
      readonly failedAs?: "tried" | "expired";
    }
  /** What S3 sends once when a notification is configured: nothing to do. */
  | { readonly kind: "test" }
  | { readonly kind: "unreadable"; readonly problem: string };

/** Understands a message of the jobs queue or of its dead letters; several records in one message are several files (requirement O.5). */
export function parseUploadMessage(body: string): ParsedUploadMessage {
  try {
    return parseUploadEvent(JSON.parse(body));
  } catch (error) {
    return { kind: "unreadable", problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Understands what a message is made of, which is what S3 gives a function, and Lambda's record of one that failed. */
export function parseUploadEvent(content: unknown): ParsedUploadMessage {
  const failed = failedEventSchema.safeParse(content);
  if (failed.success) {
    const { requestContext, requestPayload } = failed.data;
    const parsed = parseUploadEvent(requestPayload);
    if (parsed.kind !== "records") return parsed;
    return { ...parsed, failedAs: requestContext.condition === EXPIRED ? "expired" : "tried" };
  }
  if (testEventSchema.safeParse(content).success) return { kind: "test" };
  const parsed = eventSchema.safeParse(content);
  if (!parsed.success) return { kind: "unreadable", problem: schemaProblem(parsed.error) };
  try {
    return { kind: "records", records: parsed.data.Records.map(recordOf) };
  } catch (error) {
    return { kind: "unreadable", problem: `key is not URL-encoded: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function recordOf({ eventTime = "", s3 }: z.output<typeof recordSchema>): UploadRecord {
  const { eTag, key, size } = s3.object;
  const happenedAt = Date.parse(eventTime);
  return {
    bucket: s3.bucket.name,
    key: decodeKey(key),
    ...(eTag === undefined ? {} : { etag: eTag.replaceAll('"', "") }),
    ...(size === undefined ? {} : { size }),
    ...(Number.isNaN(happenedAt) ? {} : { happenedAt }),
  };
}

/** The event that S3 would have sent for an object, as text. Without a time where none is known: then it may be a repetition. */
export const uploadEventOf = ({ bucket, etag, happenedAt, key, size }: UploadRecord): string => {
  const object = { key: encodeKey(key), ...(etag === undefined ? {} : { eTag: etag }), ...(size === undefined ? {} : { size }) };
  const eventTime = happenedAt === undefined ? {} : { eventTime: new Date(happenedAt).toISOString() };
  return JSON.stringify({
    Records: [{ eventSource: "aws:s3", eventName: "ObjectCreated:Put", ...eventTime, s3: { bucket: { name: bucket }, object } }],
  });
};

const encodeKey = (key: string): string => encodeURIComponent(key).replaceAll("%20", "+");
const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll("+", " "));
