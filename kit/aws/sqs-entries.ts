import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import type { Clock } from "../ports/clock";

/** Tries of the entries that a batch call refused for reasons of SQS's own; the SDK retries whole calls only. */
const ENTRY_ATTEMPTS = 4;
/** First pause in milliseconds; doubles. */
const ENTRY_RETRY_MILLISECONDS = 200;

interface NumberedEntry<T> {
  readonly id: string;
  readonly entry: T;
}

/** An entry that was refused for good. */
export interface RefusedEntry<T> {
  readonly entry: T;
  readonly code: string;
  readonly message: string;
  /** Whether SQS says that the entry is at fault; else SQS is. */
  readonly isSenderFault: boolean;
}

/** SQS refused some messages of a batch call. */
export class QueueEntriesRefusedError extends Error {
  public override readonly name = "QueueEntriesRefusedError";
  public constructor(
    call: string,
    queueUrl: string,
    total: number,
    public readonly refused: readonly RefusedEntry<unknown>[],
  ) {
    const reasons = new Set(refused.map(({ code, message }) => (message === "" ? code : `${code}: ${message}`)));
    super(`${call} on ${queueUrl} refused ${refused.length} of ${total} messages: ${[...reasons].join("; ")}`);
  }

  /** Whether the same call may succeed later: none of the messages is at fault. */
  public get isServiceFault(): boolean {
    return this.refused.every(({ isSenderFault }) => !isSenderFault);
  }
}

/**
 * Sends a group of entries, and those refused for reasons of SQS's own again.
 *
 * @param send makes the batch call and returns its `Failed` list
 * @returns the entries that stayed refused
 */
export async function sendEntries<T>(
  entries: readonly T[],
  clock: Clock,
  send: (entries: readonly NumberedEntry<T>[]) => Promise<readonly BatchResultErrorEntry[]>,
): Promise<RefusedEntry<T>[]> {
  const refused: RefusedEntry<T>[] = [];
  let waiting: readonly NumberedEntry<T>[] = entries.map((entry, index) => ({ id: String(index), entry }));
  for (let attempt = 1; ; attempt += 1) {
    const failures = new Map((await send(waiting)).map((failure) => [failure.Id, failure]));
    const again: NumberedEntry<T>[] = [];
    for (const numbered of waiting) {
      const failure = failures.get(numbered.id);
      if (failure === undefined) continue;
      if (failure.SenderFault !== true && attempt < ENTRY_ATTEMPTS) again.push(numbered);
      else {
        refused.push({
          entry: numbered.entry,
          code: failure.Code ?? "unknown",
          message: failure.Message ?? "",
          isSenderFault: failure.SenderFault === true,
        });
      }
    }
    if (again.length === 0) return refused;
    waiting = again;
    await clock.sleep(ENTRY_RETRY_MILLISECONDS * 2 ** (attempt - 1));
  }
}

/**
 * Whether a refusal says that the receipt handle no longer holds the message: it is visible again, was received by another, or its
 * 12 hours are over. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
export function isLostLease({ code, message }: RefusedEntry<unknown>): boolean {
  if (/(^|\.)(ReceiptHandleIsInvalid|MessageNotInflight)$/.test(code)) return true;
  return /(^|\.)InvalidParameterValue$/.test(code) && /receipt ?handle|total visibilitytimeout/i.test(message);
}
