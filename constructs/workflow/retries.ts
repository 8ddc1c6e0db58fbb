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
] as const;

/**
 * Lambda had no room for the invocation: the account's concurrency, or what is kept for the function, is taken by other batches or by other
 * work of the account. Nothing ran and nothing is wrong, so this is waited out. Each retrier counts its own attempts, and this one comes
 * before all others. With full jitter an attempt comes half a minute after the one before on average; each costs a state transition
 * ($0.000025) and three of the 25,000 events of an execution's history.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
const waitingOutThrottling = (attempts: number): Retry => ({
  ErrorEquals: ["Lambda.TooManyRequestsException"],
  IntervalSeconds: 2,
  MaxAttempts: attempts,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
});

/**
 * 7.4 hours for each round of a chunk, on average: longer than the whole of a batch that has to share ten concurrent invocations with nine
 * others. Five rounds are 13,500 events.
 */
export const RETRY_THROTTLED_CHUNK = waitingOutThrottling(900);

/**
 * 4 hours for a step of which a batch has one. Its execution may have waited a day for its turn already (13,000 events): the steps' 1,440
 * each leave room. A step that is given up on is begun again by the finish Lambda.
 */
export const RETRY_THROTTLED_STEP = waitingOutThrottling(480);

/** A minute of patience in all, on average: what Lambda itself gets wrong passes in less. */
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
 * For a chunk on Lambda: an invocation that dies is repeated until the ledger knows which file kills
 * (systems/batch/core/chunk-work/careful-mode.ts). The first death makes the chunk careful, two more find a killer: eleven invocations get
 * past five killers in one chunk.
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
