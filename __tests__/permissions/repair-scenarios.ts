import { STATE_NAMES } from "../../systems/batch/contracts/names";
import { uploadEventOf } from "../../systems/batch/contracts/s3-event";
import { uploadRunPrefix } from "../../systems/batch/contracts/state-keys";
import { setWorkerVariables, type Grant } from "../support/permissions";
import { resourceAt, type SynthesizedStack } from "../support/synth";
import { callBefore, deafToJobs, sendBefore, sendChunksTo } from "./machine-changes";

const FILES = { "first.txt": "somebody counts these words\n".repeat(10) };
const BATCH_ON_FLEET = ["--route", "fleet", "--workers", "1"];
const RUN = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
const RECONCILE = "Repairs/Reconcile";

/** Chunks stay in their queue. */
const deafToChunks = (stack: SynthesizedStack): void => {
  setWorkerVariables(stack, ({ WORKER_QUEUE_URL = "" }) => ({ WORKER_CHUNK_QUEUE_URL: WORKER_QUEUE_URL }));
};

const INTERRUPTION = {
  "detail-type": "EC2 Spot Instance Interruption Warning",
  time: "2026-01-01T00:00:00Z",
  detail: { "instance-id": "i-0123456789abcdef0", "instance-action": "terminate" },
};

/** Runs in which the state machine calls what rules call, at the moment when there is something to repair. */
export const REPAIR_SCENARIOS = {
  "a repair while the chunk is a dead letter": {
    files: FILES,
    options: BATCH_ON_FLEET,
    change: (stack: SynthesizedStack) => {
      sendChunksTo(stack, "Data/Chunks/DeadLetters");
      callBefore(stack, STATE_NAMES.seal, RECONCILE);
      // the worker has these seconds, and those of the second repair, for the chunk that came back
      callBefore(stack, STATE_NAMES.seal, RECONCILE, { after: 5 });
    },
    exitCode: 0,
  },
  "a repair while an upload is a dead letter": {
    files: FILES,
    options: ["--route", "lambda", "--workers", "1"],
    change: (stack: SynthesizedStack) => {
      const { address } = resourceAt(stack, "aws_s3_bucket", "Data/Processing");
      const gone = uploadEventOf({ bucket: `\${${address}.bucket}`, key: `${uploadRunPrefix(RUN)}gone.txt` });
      sendBefore(stack, STATE_NAMES.seal, "Data/Jobs/DeadLetters", JSON.parse(gone) as Record<string, unknown>);
      // of no use, and so deleted
      sendBefore(stack, STATE_NAMES.seal, "Data/Jobs/DeadLetters", { Event: "s3:TestEvent" });
      callBefore(stack, STATE_NAMES.seal, RECONCILE);
    },
    exitCode: 0,
  },
  "a repair while the chunk's message is gone": {
    files: FILES,
    options: BATCH_ON_FLEET,
    change: (stack: SynthesizedStack) => {
      sendChunksTo(stack, "Data/Results/DeadLetters");
      callBefore(stack, STATE_NAMES.seal, RECONCILE);
    },
    exitCode: 1,
  },
  "a repair after the end of a chunk that nobody took": {
    files: FILES,
    options: BATCH_ON_FLEET,
    change: (stack: SynthesizedStack) => {
      deafToChunks(stack);
      sendChunksTo(stack, "Data/Chunks");
      callBefore(stack, STATE_NAMES.chooseReduce, RECONCILE);
    },
    exitCode: 1,
  },
  "two repairs after the end of a chunk that nobody can read": {
    files: FILES,
    options: BATCH_ON_FLEET,
    change: (stack: SynthesizedStack) => {
      deafToChunks(stack);
      sendChunksTo(stack, "Data/Chunks", { schemaVersion: 99 });
      callBefore(stack, STATE_NAMES.chooseReduce, RECONCILE);
      callBefore(stack, STATE_NAMES.report, RECONCILE);
    },
    exitCode: 1,
  },
  "a repair of a batch that is overdue": {
    files: FILES,
    // on Lambda: a plan for the fleet counts 100 s for its start, and is refused when the deadline is nearer
    options: ["--route", "lambda", "--workers", "1", "--deadline", "20s"],
    change: (stack: SynthesizedStack) => {
      callBefore(stack, STATE_NAMES.seal, RECONCILE, { after: 20 });
    },
    exitCode: 4,
  },
  "a fleet at zero, before a test event of S3 and a job": {
    files: FILES,
    // on Lambda: a plan for the fleet would wake it
    options: ["--route", "lambda", "--workers", "1"],
    change: (stack: SynthesizedStack) => {
      deafToJobs(stack);
      sendBefore(stack, STATE_NAMES.chooseRoute, "Data/Jobs", { Event: "s3:TestEvent" });
      sendBefore(stack, STATE_NAMES.chooseRoute, "Data/Jobs", { Records: [] });
      callBefore(stack, STATE_NAMES.chooseRoute, "Functions/Orchestrate");
    },
    exitCode: 0,
  },
  "a spot interruption": {
    files: FILES,
    options: BATCH_ON_FLEET,
    change: (stack: SynthesizedStack) => {
      callBefore(stack, STATE_NAMES.seal, "Repairs/SpotNotices", { payload: INTERRUPTION });
    },
    exitCode: 0,
  },
} as const;

export type RepairScenarioName = keyof typeof REPAIR_SCENARIOS;

const OF_DEAD_UPLOADS: ReadonlySet<string> = new Set(["ConsumeDeadJobs", "GetManyResultTable", "PutStateUploads", "SendResults"]);

/** The repair that uses a grant of the reconcile Lambda. */
export function repairScenarioOf({ sid, action }: Grant): RepairScenarioName {
  if (OF_DEAD_UPLOADS.has(sid)) return "a repair while an upload is a dead letter";
  if (sid === "StartMachine" || action === "states:StopExecution") return "a repair of a batch that is overdue";
  if (action === "states:DescribeExecution" || sid === "QueryLedger") return "a repair while the chunk's message is gone";
  if (sid === "ConsumeChunks" || action === "states:SendTaskSuccess") return "a repair after the end of a chunk that nobody took";
  if (sid === "BuryChunks" || (sid === "ConsumeDeadChunks" && action === "sqs:ChangeMessageVisibility"))
    return "two repairs after the end of a chunk that nobody can read";
  return "a repair while the chunk is a dead letter";
}
