import type { Retry } from "./asl";

/**
 * What Lambda as a service, not our code, answers when it is busy or broken.
 * https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
 */
const LAMBDA_SERVICE_ERRORS = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.TooManyRequestsException",
] as const;

/** Two minutes of patience in all: throttling by a burst of other work passes in less. */
export const RETRY_LAMBDA_SERVICE: Retry = {
  ErrorEquals: LAMBDA_SERVICE_ERRORS,
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * For a step that may be repeated: it failed or hung, by our fault or a neighbour's. Few times: what fails three times fails. After 5 and
 * after 15 s, without jitter: there is one such step a batch and no herd to spread, and a service that is away for ten seconds must not
 * meet all three.
 */
export const RETRY_REPEATABLE_WORK: Retry = {
  ErrorEquals: ["States.TaskFailed", "States.Timeout"],
  IntervalSeconds: 5,
  MaxAttempts: 2,
  BackoffRate: 3,
  JitterStrategy: "NONE",
};

/**
 * For a chunk on Lambda: an invocation that dies is repeated until the ledger knows which file kills (core/chunk-work/careful-mode.ts).
 * The first death makes the chunk careful, two more find a killer: eleven invocations get past five killers in one chunk.
 */
export const RETRY_CHUNK_WORK: Retry = {
  ...RETRY_REPEATABLE_WORK,
  MaxAttempts: 10,
  BackoffRate: 1.5,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/**
 * Only errors of the sending. The names are those of the service integration: `SQS.` and the exception of the Java SDK, for an error that
 * SQS answered and for one where no answer came. No States.Timeout: a message that was sent is SQS's to redeliver, not ours to repeat.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
 */
export const RETRY_SQS_SEND: Retry = {
  ErrorEquals: ["SQS.AmazonSQSException", "SQS.SdkClientException"],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};
