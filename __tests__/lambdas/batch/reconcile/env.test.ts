import { reconcileEnv } from "../../../../lambdas/batch/reconcile/env";

const VALUES = {
  LEDGER_TABLE_NAME: "wordfreq-ledger",
  RESULT_TABLE_NAME: "wordfreq",
  STATE_MACHINE_ARN: "arn:aws:states:us-east-1:123456789012:stateMachine:wordfreq-batch",
  JOBS_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-jobs",
  JOBS_DEAD_LETTERS_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-jobs-dead-letters",
  RESULTS_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-results",
  CHUNKS_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-chunks",
  CHUNKS_DEAD_LETTERS_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/wordfreq-chunks-dead-letters",
  STATE_BUCKET_NAME: "batch-state",
  PROCESSING_BUCKET_NAME: "data-processing",
  RECONCILE_PREFIX: "",
  RECONCILE_MAXIMUM_OBJECTS: "10000",
  JOBS_RETENTION_SECONDS: "345600",
  SLOTS_PER_WORKER: "2",
};

test("text becomes numbers, and an empty prefix is all keys", () => {
  expect(reconcileEnv.parse(VALUES)).toEqual({
    ...VALUES,
    RECONCILE_MAXIMUM_OBJECTS: 10_000,
    JOBS_RETENTION_SECONDS: 345_600,
    SLOTS_PER_WORKER: 2,
  });
});

test.each(Object.keys(VALUES))("%s is needed", (name) => {
  const { error } = reconcileEnv.safeParse({ ...VALUES, [name]: undefined });
  expect(error?.issues.map(({ path }) => path)).toEqual([[name]]);
});

test.each([
  ["RECONCILE_MAXIMUM_OBJECTS", "0"],
  ["RECONCILE_MAXIMUM_OBJECTS", "ten"],
  ["JOBS_RETENTION_SECONDS", "1209601"],
  ["SLOTS_PER_WORKER", "17"],
  ["STATE_MACHINE_ARN", "wordfreq-batch"],
  ["CHUNKS_QUEUE_URL", "wordfreq-chunks"],
])("%s can't be %j", (name, value) => {
  expect(reconcileEnv.safeParse({ ...VALUES, [name]: value }).success).toBe(false);
});
