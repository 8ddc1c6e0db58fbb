/** Messages of one call. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
export const MAXIMUM_MESSAGES = 10;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
export const MAXIMUM_LEASE_SECONDS = 43_200;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MAXIMUM_MESSAGE_BYTES = 1_048_576;
/**
 * Control characters that SQS refuses. It refuses U+FFFE and U+FFFF too, but the sender of JSON escapes those two.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const REFUSED_CHARACTER = /[\u0000-\u0008\u000B\u000C\u000E-\u001F]/;

/** A body that SQS does not take. */
export class InvalidMessageContentsError extends Error {
  public override readonly name = "InvalidMessageContents";
  public constructor(queue: string, problem: string) {
    super(`a message can't be sent to ${queue}: ${problem}`);
  }
}

/** Too many messages are under a lease for a short poll. */
export class OverLimitError extends Error {
  public override readonly name = "OverLimit";
  public constructor(queue: string, maximumInFlight: number) {
    super(`${queue} has ${maximumInFlight} messages in flight, the most it may have; delete what is done`);
  }
}

/** @throws InvalidMessageContentsError for a body that SQS does not take */
export function checkedBody(queue: string, body: string): string {
  if (body === "") throw new InvalidMessageContentsError(queue, "it is empty; SQS takes 1 character and more");
  const bytes = Buffer.byteLength(body);
  if (bytes > MAXIMUM_MESSAGE_BYTES) {
    throw new InvalidMessageContentsError(queue, `it has ${bytes} bytes; SQS takes ${MAXIMUM_MESSAGE_BYTES}, so send a reference instead`);
  }
  const refused = REFUSED_CHARACTER.exec(body)?.[0].charCodeAt(0);
  if (refused !== undefined) throw new InvalidMessageContentsError(queue, `it holds the control character ${refused}; send JSON`);
  return body;
}
