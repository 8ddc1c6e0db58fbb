import { z } from "zod";
import type { OwnUse, ResourceUse } from "../../kit/function/use";
import type { WithInvocationFolder } from "../../kit/function/invocation-folder";
import type { Capacity, Hosts, QueueDepth } from "../../kit/ports/capacity";
import type { Decompressor } from "../../kit/ports/decompressor";
import type { Invoker } from "../../kit/ports/invoker";
import type { JobQueue, MessageSink } from "../../kit/ports/job-queue";
import type { ObjectStore } from "../../kit/ports/object-store";
import type { CallMeter } from "../../kit/ports/call-meter";
import type { ServiceFaults } from "../../kit/ports/service-faults";
import type { TaskCallback } from "../../kit/ports/task-callback";
import type { Ledger } from "../../systems/batch/ports/ledger";
import type { ResultStore } from "../../systems/batch/ports/result-store";
import type { Workflow } from "../../systems/batch/ports/workflow";

const tableName = z.string().min(3);
const bucketName = z.string().min(3);
const queueUrl = z.url();

/** Buckets' contents. Which of them, and what may be done there, is said by a use of each bucket. */
export const objectStore: OwnUse<"objectStore", ObjectStore> = { kind: "objectStore" };
/** A clean folder for each invocation. */
export const folder: OwnUse<"folder", WithInvocationFolder> = { kind: "folder" };
export const decompressor: OwnUse<"decompressor", Decompressor> = { kind: "decompressor" };
export const callMeter: OwnUse<"callMeter", CallMeter> = { kind: "callMeter" };
export const serviceFaults: OwnUse<"serviceFaults", ServiceFaults> = { kind: "serviceFaults" };

type LedgerVerb = "get" | "put" | "update" | "query";
export const ledger = (...may: readonly LedgerVerb[]): ResourceUse<"ledger", Ledger, "ledger", LedgerVerb, false> => ({
  kind: "ledger",
  resource: "ledger",
  may,
  variable: { name: "LEDGER_TABLE_NAME", address: tableName },
});

type ResultVerb = "put" | "getMany";
export const resultStore = (...may: readonly ResultVerb[]): ResourceUse<"resultStore", ResultStore, "resultTable", ResultVerb, false> => ({
  kind: "resultStore",
  resource: "resultTable",
  may,
  variable: { name: "RESULT_TABLE_NAME", address: tableName },
});

type BucketVerb = "read" | "list" | "write" | "put";
/** A bucket of the stack: `compose` is given its name. */
export const bucket = <Resource extends "state" | "processing">(
  resource: Resource,
  variable: string,
  may: readonly BucketVerb[],
  prefix = "",
): ResourceUse<"bucket", string, Resource, BucketVerb, false> => ({
  kind: "bucket",
  resource,
  may,
  prefix,
  variable: { name: variable, address: bucketName },
});
/** More of the state bucket, for who has its name by another use. */
export const stateObjects = (
  may: readonly BucketVerb[],
  prefix: string,
): ResourceUse<"unnamed", undefined, "state", BucketVerb, false> => ({
  kind: "unnamed",
  resource: "state",
  may,
  prefix,
});
export const stateBucket = (may: readonly BucketVerb[], prefix: string) => bucket("state", "STATE_BUCKET_NAME", may, prefix);

/** Buckets that a batch may read (invariant 11): `compose` is given their names. */
export const sourceBuckets: ResourceUse<"bucketList", readonly string[], "sources", "read", false> = {
  kind: "bucketList",
  resource: "sources",
  may: ["read"],
  variable: { name: "SOURCE_BUCKET_NAMES", address: z.string().min(1) },
};
/** The same, for who is told with each file which bucket it is in. */
export const sourceObjects: ResourceUse<"unnamed", undefined, "sources", "read", false> = {
  kind: "unnamed",
  resource: "sources",
  may: ["read"],
};

/** What a queue may be used for, and what `compose` then sees of it. */
interface QueueParts {
  readonly consume: JobQueue;
  readonly send: MessageSink;
  readonly readDepth: QueueDepth;
}
type QueueVerb = keyof QueueParts;
type QueueOf<Verb extends QueueVerb> = (Verb extends unknown ? (part: QueueParts[Verb]) => void : never) extends (part: infer Queue) => void
  ? Queue
  : never;
const QUEUE_VARIABLES = {
  jobs: "JOBS_QUEUE_URL",
  chunks: "CHUNKS_QUEUE_URL",
  results: "RESULTS_QUEUE_URL",
  jobDeadLetters: "JOBS_DEAD_LETTERS_URL",
  chunkDeadLetters: "CHUNKS_DEAD_LETTERS_URL",
} as const;
export const queue = <Resource extends keyof typeof QUEUE_VARIABLES, Verb extends QueueVerb>(
  resource: Resource,
  ...may: readonly Verb[]
): ResourceUse<"queue", QueueOf<Verb>, Resource, Verb, false> => ({
  kind: "queue",
  resource,
  may,
  variable: { name: QUEUE_VARIABLES[resource], address: queueUrl },
});

/** Where chunks wait for on-demand capacity; not in environments that have none to wait for (coursework). */
export const onDemandChunks = <Verb extends QueueVerb>(
  ...may: readonly Verb[]
): ResourceUse<"queue", QueueOf<Verb> | undefined, "onDemandChunks", Verb, true> => ({
  kind: "queue",
  resource: "onDemandChunks",
  may,
  variable: { name: "ON_DEMAND_CHUNKS_QUEUE_URL", address: queueUrl },
  isOptional: true,
});

type WorkflowVerb = "start" | "stop";
/** The batch machine. */
export const workflow: ResourceUse<"workflow", Workflow, "machine", WorkflowVerb, false> = {
  kind: "workflow",
  resource: "machine",
  may: ["start", "stop"],
  variable: { name: "STATE_MACHINE_ARN", address: z.string().startsWith("arn:") },
};
/** Answers to its waiting tasks, whose tokens say all. */
export const taskCallback: ResourceUse<"taskCallback", TaskCallback, "machine", "answer" | "fail", false> = {
  kind: "taskCallback",
  resource: "machine",
  may: ["answer", "fail"],
};

const groupName = { name: "AUTO_SCALING_GROUP_NAME", address: z.string().min(1) };
export const capacity: ResourceUse<"capacity", Capacity, "group", "resize", false> = {
  kind: "capacity",
  resource: "group",
  may: ["resize"],
  variable: groupName,
};
/** The workers' instances; not where workers show no sign of life (coursework, local). */
export const hosts: ResourceUse<"hosts", Hosts | undefined, "group", "read" | "terminate", true> = {
  kind: "hosts",
  resource: "group",
  may: ["read", "terminate"],
  variable: groupName,
  isOptional: true,
};

const onDemandGroupName = { name: "ON_DEMAND_GROUP_NAME", address: z.string().min(1) };
/** Of the workers that serve chunks which wait for on-demand capacity. */
export const onDemandCapacity: ResourceUse<"capacity", Capacity | undefined, "onDemandGroup", "resize", true> = {
  kind: "capacity",
  resource: "onDemandGroup",
  may: ["resize"],
  variable: onDemandGroupName,
  isOptional: true,
};
export const onDemandHosts: ResourceUse<"hosts", Hosts | undefined, "onDemandGroup", "read" | "terminate", true> = {
  kind: "hosts",
  resource: "onDemandGroup",
  may: ["read", "terminate"],
  variable: onDemandGroupName,
  isOptional: true,
};

/** Announces uploads as S3 does; not where the jobs queue is told of them. */
export const uploadFunction: ResourceUse<"invoke", Invoker | undefined, "process-upload", "invoke", true> = {
  kind: "invoke",
  resource: "process-upload",
  may: ["invoke"],
  variable: { name: "PROCESS_UPLOAD_FUNCTION_NAME", address: z.string().min(1) },
  isOptional: true,
};

export const invoke = <Resource extends string>(
  resource: Resource,
  variable: string,
): ResourceUse<"invoke", Invoker, Resource, "invoke", false> => ({
  kind: "invoke",
  resource,
  may: ["invoke"],
  variable: { name: variable, address: z.string().min(1) },
});
