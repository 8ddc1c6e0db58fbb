import { z } from "zod";
import type { AsynchronousEvents } from "../../../kit/function/asynchronous-events";

/** How uploads reach whoever works on them: by the jobs queue, which workers take from, or by a function of their own. */
export const INGEST_KINDS = ["queue", "lambda"] as const;
export const ingestSchema = z.enum(INGEST_KINDS);

/**
 * What Lambda does with S3's events. Two more attempts, the most there are: a fault of a service is often over after the three minutes. Six
 * hours, the longest that it keeps an event: of a flood beyond the account's concurrency each event is tried for so long before it becomes
 * a dead letter.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
 */
export const UPLOAD_EVENTS: AsynchronousEvents = { retries: 2, maximumAgeSeconds: 6 * 3_600 };

/** An upload that waits for the jobs queue's workers is announced, or in work, after so long, in seconds. */
const QUEUE_SETTLING_SECONDS = 900;

/**
 * How old an upload without any outcome must be to be one that nobody was told of, in seconds. Nobody can ask Lambda whether an event still
 * waits in its queue: only when that can't be any more is it lost. Sooner, uploads of a flood would be announced again while they wait, and
 * each run of the repair would add to what there is no room for.
 *
 * @param timeoutSeconds of the function that takes uploads; undefined where the queue does
 */
export const settlingSecondsOf = (timeoutSeconds: number | undefined): number =>
  timeoutSeconds === undefined ? QUEUE_SETTLING_SECONDS : UPLOAD_EVENTS.maximumAgeSeconds + timeoutSeconds;
