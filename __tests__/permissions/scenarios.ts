import { gzipSync } from "node:zlib";
import { STATE_NAMES } from "../../systems/batch/contracts/names";
import { changePlanSettings, cutPartialsInto, setWorkerVariables, type Grant, type RunInput } from "../support/permissions";
import { resourceAt, type SynthesizedStack } from "../support/synth";
import { changeSending, changeStates } from "./machine-changes";
import { REPAIR_SCENARIOS, repairScenarioOf } from "./repair-scenarios";

/** A run that makes some of the calls, quick because its files are few and small. */
export interface Scenario extends RunInput {
  /** What its stack has otherwise, so that the calls are made at all or within seconds. */
  readonly change: (stack: SynthesizedStack) => void;
  /** How it ends when nothing is missing. */
  readonly exitCode: number;
}

const unchanged = (): void => undefined;
const text = (words: number): string => "somebody counts these words\n".repeat(words / 4);
const TEXTS = { "first.txt": text(40), "second.txt": text(80) };
/** Twice the smallest size that a plan may split at. */
const SPLIT_BYTES = 65_536;
const GIANT = { "giant.txt": text(20_000) };
/** Members of a gzip file follow each other: 1.3 GB of text in some 120 KB, seconds of work. */
const LONG_WORK = { "long.txt.gz": Buffer.concat(new Array<Uint8Array>(160).fill(gzipSync(text(1_200_000)))) };
const BYTES = { "bytes.bin": Buffer.from([0, 1, 2, 0, 255, 0, 254, 0, 0, 7]) };

const BATCH_ON_FLEET = ["--route", "fleet", "--workers", "1"];
const BATCH_ON_LAMBDA = ["--route", "lambda", "--workers", "1"];
const UPLOADS = ["--via", "upload", "--workers", "1"];

/** The shortest lease a worker takes: renewed each 3.3 s. */
const shortLease = (stack: SynthesizedStack): void => {
  setWorkerVariables(stack, () => ({ WORKER_MESSAGE_VISIBILITY: "10" }));
};

const fail = (stack: SynthesizedStack): void => {
  changeStates(stack, (of) => {
    Object.assign(of[STATE_NAMES.route] ?? {}, { Default: STATE_NAMES.unreported });
  });
};

export const SCENARIOS = {
  "a batch on the fleet, one of its files split": {
    files: { ...TEXTS, ...GIANT },
    options: BATCH_ON_FLEET,
    change: (stack) => {
      changePlanSettings(stack, (plan) => ({ ...plan, writing: { ...plan.writing, splitBytes: SPLIT_BYTES } }));
      // the split file in one range, the others in another
      cutPartialsInto(stack, 1);
    },
    exitCode: 0,
  },
  "a batch on the fleet that makes outputs": {
    files: TEXTS,
    options: [...BATCH_ON_FLEET, "--exec", "cp {in} {out}/copy.txt"],
    change: unchanged,
    exitCode: 0,
  },
  "a batch on Lambda": { files: TEXTS, options: BATCH_ON_LAMBDA, change: unchanged, exitCode: 0 },
  "uploads, one of them no text": { files: { ...TEXTS, ...BYTES }, options: UPLOADS, change: unchanged, exitCode: 0 },
  "a chunk longer than a third of its lease": { files: LONG_WORK, options: BATCH_ON_FLEET, change: shortLease, exitCode: 0 },
  "an upload longer than a third of its lease": { files: LONG_WORK, options: UPLOADS, change: shortLease, exitCode: 0 },
  "messages that the worker can't read": {
    files: TEXTS,
    options: BATCH_ON_FLEET,
    change: (stack) => {
      // each queue brings what belongs on the other: chunks here, the bucket's test event there
      setWorkerVariables(stack, ({ WORKER_QUEUE_URL = "", WORKER_CHUNK_QUEUE_URL = "" }) => ({
        WORKER_QUEUE_URL: WORKER_CHUNK_QUEUE_URL,
        WORKER_CHUNK_QUEUE_URL: WORKER_QUEUE_URL,
      }));
      changeSending(stack, (state) => Object.assign(state, { TimeoutSeconds: 3 }));
    },
    exitCode: 1,
  },
  "a batch that its plan refuses": {
    files: TEXTS,
    options: BATCH_ON_LAMBDA,
    change: (stack) => {
      changePlanSettings(stack, (plan) => ({ ...plan, writing: { ...plan.writing, maximumFiles: 1 } }));
    },
    exitCode: 2,
  },
  "an execution that fails": { files: TEXTS, options: BATCH_ON_LAMBDA, change: fail, exitCode: 1 },
  "a sweep after an execution that fails": {
    files: TEXTS,
    options: BATCH_ON_LAMBDA,
    change: (stack) => {
      fail(stack);
      // the event that runs the finish Lambda also runs it as the schedule would, which is minutes away
      const { body } = resourceAt(stack, "aws_cloudwatch_event_target", "Workflow/ExecutionEnded/Target");
      const targets = stack.resource["aws_cloudwatch_event_target"] ?? {};
      targets["Sweep_Now"] = { ...body, target_id: "sweep-now", input: JSON.stringify({ "detail-type": "Scheduled Event" }) };
    },
    exitCode: 1,
  },
  ...REPAIR_SCENARIOS,
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** The run that uses a grant. Where none is right the test of that grant fails, and this is the place to say which it is. */
export function scenarioOf(grant: Grant): ScenarioName {
  const { role, sid, action } = grant;
  switch (role) {
    case "wordfreq-worker":
      return scenarioOfWorker(sid, action);
    case "wordfreq-process-chunk-lambda":
      return "a batch on Lambda";
    case "wordfreq-reduce-lambda":
      if (sid === "WriteStateOutputs") return "a batch on the fleet that makes outputs";
      // whether finished chunks were acknowledged is looked up for that route only
      return action === "dynamodb:Query" ? "a batch on Lambda" : "a batch on the fleet, one of its files split";
    case "wordfreq-finish-lambda":
      return action === "dynamodb:Query" || action === "states:DescribeExecution"
        ? "a sweep after an execution that fails"
        : "an execution that fails";
    case "wordfreq-reconcile-lambda":
      return repairScenarioOf(grant);
    case "wordfreq-orchestrate-lambda":
      return sid === "ConsumeJobs"
        ? "a fleet at zero, before a test event of S3 and a job"
        : "a batch on the fleet, one of its files split";
    case "wordfreq-spot-notices-lambda":
      return "a spot interruption";
    default:
      return "a batch on the fleet, one of its files split";
  }
}

function scenarioOfWorker(sid: string, action: string): ScenarioName {
  const renews = action === "sqs:ChangeMessageVisibility";
  if (sid.startsWith("Bury")) return "messages that the worker can't read";
  if (sid === "ConsumeJobs") return renews ? "an upload longer than a third of its lease" : "uploads, one of them no text";
  if (sid === "ConsumeChunks" && renews) return "a chunk longer than a third of its lease";
  // a batch has its exceptions in the chunks' rows, an upload in a row of its own
  return sid === "WriteStateUploads" || sid === "PutLedger"
    ? "uploads, one of them no text"
    : "a batch on the fleet, one of its files split";
}
