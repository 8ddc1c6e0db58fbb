import { MAXIMUM_MESSAGE_BYTES, MAXIMUM_QUEUE_ENTRIES } from "../lib/service-limits";

/** A message is bigger than SQS takes. */
export class MessageTooLargeError extends Error {
  public override readonly name = "MessageTooLargeError";
  public constructor(queueUrl: string, bytes: number) {
    super(
      `a message of ${bytes} bytes can't be sent to ${queueUrl}: SQS takes ${MAXIMUM_MESSAGE_BYTES}; send a reference to an S3 object instead`,
    );
  }
}

/** Runs of at most `maximum` items, in order. */
export function* groupsOf<T>(items: readonly T[], maximum: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += maximum) yield items.slice(start, start + maximum);
}

/**
 * Runs of bodies that fit one SendMessageBatch, in order. All are looked at before the first is sent.
 *
 * @throws MessageTooLargeError
 */
export function messageGroups(bodies: readonly string[], queueUrl: string): string[][] {
  const groups: string[][] = [];
  let group: string[] = [];
  let groupBytes = 0;
  for (const body of bodies) {
    const bytes = Buffer.byteLength(body);
    if (bytes > MAXIMUM_MESSAGE_BYTES) throw new MessageTooLargeError(queueUrl, bytes);
    if (group.length === MAXIMUM_QUEUE_ENTRIES || groupBytes + bytes > MAXIMUM_MESSAGE_BYTES) {
      groups.push(group);
      group = [];
      groupBytes = 0;
    }
    group.push(body);
    groupBytes += bytes;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

/**
 * JSON text with the two characters escaped that JSON leaves alone and SQS refuses (object keys may hold them); it reads back the same.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export const sendableText = (json: string): string => json.replaceAll("\uFFFE", "\\ufffe").replaceAll("\uFFFF", "\\uffff");
