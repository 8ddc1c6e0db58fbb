import { present } from "../../kit/lib/present";
import type { Grant } from "../support/permissions";

/** A grant that no local run can miss, and why it is there all the same. */
export interface Unnoticed extends Pick<Grant, "role" | "sid" | "action"> {
  readonly reason: string;
}

const LIST_SOURCES = "on AWS a missing object answers 403 instead of 404 without it; the emulator answers 404";
const ABORT = "called when a part of a multipart upload fails, so that no parts stay; in these runs none fails";

const LATER_GENERATION = "a later generation reads what earlier ones left; these runs have one (__tests__/e2e/operations.slow.ts resumes)";
const FORGOTTEN = "called for uploads that are a quarter of an hour old; no run is";

const NO_LIMIT = "files that failed are counted for batches with a limit of failures; these runs have none";
const NO_HOSTS = "looks for hosts without a sign of life each five minutes: a local run is over before";

const entry = (role: string, sid: string, action: string, reason: string): Unnoticed => ({ role, sid, action, reason });

const OF_BATCH: readonly Unnoticed[] = [
  entry("wordfreq-worker", "ListSources", "s3:ListBucket", LIST_SOURCES),
  entry("wordfreq-process-chunk-lambda", "ListSources", "s3:ListBucket", LIST_SOURCES),
  ...["worker", "plan-lambda", "process-chunk-lambda", "seal-lambda", "merge-range-lambda", "reduce-lambda"].map((process) =>
    entry(`wordfreq-${process}`, "WriteStateBatches", "s3:AbortMultipartUpload", ABORT),
  ),
  entry("wordfreq-worker", "WriteStateUploads", "s3:AbortMultipartUpload", ABORT),
  ...["worker", "plan-lambda", "process-chunk-lambda", "seal-lambda", "merge-range-lambda", "reduce-lambda", "report-lambda"].map(
    (process) => entry(`wordfreq-${process}`, "ListState", "s3:ListBucket", LIST_SOURCES),
  ),
  entry(
    "wordfreq-worker",
    "ReadStateArtefacts",
    "s3:GetObject",
    "an instance fetches the worker's archive at its first start; local workers run the built program",
  ),
  entry(
    "wordfreq-worker",
    "QueryLedger",
    "dynamodb:Query",
    `an idle worker looks for demand before it ends its instance, and local workers have none; ${NO_LIMIT}`,
  ),
  entry("wordfreq-process-chunk-lambda", "QueryLedger", "dynamodb:Query", NO_LIMIT),
  entry("wordfreq-reconcile-lambda", "ReadStateBatches", "s3:GetObject", NO_LIMIT),
  entry("wordfreq-reconcile-lambda", "ListState", "s3:ListBucket", NO_LIMIT),
  entry("wordfreq-reduce-lambda", "WriteStateOutputs", "s3:AbortMultipartUpload", ABORT),
  entry("wordfreq-seal-lambda", "GetLedger", "dynamodb:GetItem", LATER_GENERATION),
  entry("wordfreq-reconcile-lambda", "SendJobs", "sqs:SendMessage", FORGOTTEN),
  entry(
    "wordfreq-reconcile-lambda",
    "ConsumeChunks",
    "sqs:ChangeMessageVisibility",
    "gives a chunk back that is through but whose message nobody took since: a slot died in between",
  ),
  entry(
    "wordfreq-reconcile-lambda",
    "FailMachine",
    "states:SendTaskFailure",
    "a chunk is given up when it came to the dead-letter queue four times",
  ),
  entry(
    "wordfreq-worker",
    "TerminateInGroup",
    "autoscaling:TerminateInstanceInAutoScalingGroup",
    "a local run has as many workers as its group must have: none may retire",
  ),
  entry(
    "wordfreq-worker",
    "CompleteTerminationInGroup",
    "autoscaling:CompleteLifecycleAction",
    "a local run's group ends none of its instances",
  ),
  ...[
    ["SessionUpdateInstanceInformation", "ssm:UpdateInstanceInformation"],
    ["SessionCreateControlChannel", "ssmmessages:CreateControlChannel"],
    ["SessionCreateDataChannel", "ssmmessages:CreateDataChannel"],
    ["SessionOpenControlChannel", "ssmmessages:OpenControlChannel"],
    ["SessionOpenDataChannel", "ssmmessages:OpenDataChannel"],
  ].map(([sid = "", action = ""]) =>
    entry("wordfreq-worker", sid, action, "an instance's own agent calls it; local workers have no instance"),
  ),
  entry("wordfreq-reconcile-lambda", "TerminateInGroup", "autoscaling:TerminateInstanceInAutoScalingGroup", NO_HOSTS),
  entry("wordfreq-reconcile-lambda", "ReadGroup", "autoscaling:DescribeAutoScalingGroups", NO_HOSTS),
];

const OF_MEDIA: readonly Unnoticed[] = [
  entry("media-classify-lambda", "ListInput", "s3:ListBucket", LIST_SOURCES),
  entry("media-classify-lambda", "SendFailedEvents", "sqs:SendMessage", "an event fails for good after two retries, minutes later"),
];

const UNNOTICED: Readonly<Record<string, readonly Unnoticed[]>> = { batch: OF_BATCH, media: OF_MEDIA };

/** Each entry is tested too: one that a run misses does not belong here. @throws Error for a system that nobody looked at */
export const unnoticedOf = (system: string): readonly Unnoticed[] =>
  present(UNNOTICED[system], `the grants of ${system} that no run misses`);
