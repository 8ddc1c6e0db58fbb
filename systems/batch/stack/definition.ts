import { FLEET_CHILD_STATE_NAMES, LAMBDA_CHILD_STATE_NAMES, MAP_LABELS, MERGE_CHILD_STATE_NAMES, STATE_NAMES } from "../contracts/names";
import { LAMBDA_ROUNDS } from "../contracts/lambda-rounds";
import { SCHEMA_VERSION } from "../contracts/messages";
import { MAP_RUNS_PREFIX } from "../contracts/state-keys";
import { childMachine, type Catch, type DistributedMapState, type Machine, type TaskState } from "../../../constructs/workflow/asl";
import {
  RETRY_CHUNK_WORK,
  RETRY_LAMBDA_SERVICE,
  RETRY_REPEATABLE_WORK,
  RETRY_SQS_SEND,
  RETRY_THROTTLED_CHUNK,
  RETRY_THROTTLED_STEP,
} from "../../../constructs/workflow/retries";

/** A Lambda that the machine calls. */
export interface CalledFunction {
  readonly functionArn: string;
  readonly timeoutSeconds: number;
}

export interface DefinitionInputs {
  readonly plan: CalledFunction;
  readonly processChunk: CalledFunction;
  readonly seal: CalledFunction;
  readonly mergeRange: CalledFunction;
  readonly reduce: CalledFunction;
  readonly report: CalledFunction;
  readonly chunksQueueUrl: string;
  readonly stateBucketName: string;
  readonly fleetConcurrency: number;
  readonly lambdaConcurrency: number;
  readonly fleetTaskTimeoutSeconds: number;
}

type Names = (typeof STATE_NAMES)[keyof typeof STATE_NAMES];
type FleetNames = (typeof FLEET_CHILD_STATE_NAMES)[keyof typeof FLEET_CHILD_STATE_NAMES];
type MergeNames = (typeof MERGE_CHILD_STATE_NAMES)[keyof typeof MERGE_CHILD_STATE_NAMES];
type LambdaNames = (typeof LAMBDA_CHILD_STATE_NAMES)[keyof typeof LAMBDA_CHILD_STATE_NAMES];

const INVOKE = "arn:aws:states:::lambda:invoke";
/** A Lambda that hangs ends itself first, with a better message; this is for an answer that never comes. */
const ANSWER_RESERVE_SECONDS = 30;

/**
 * A batch that waits for its turn asks again each minute: 9 history events a round (the plan's 5, the choice's 2, the wait's 2), so the
 * 24 hours after which the plan refuses it are 13,000 of the 25,000 events that an execution has.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const TURN_SECONDS = 60;

const GENERATION = { "batchId.$": "$.batchId", "generation.$": "$.generation" } as const;

const catchAll = <N extends string>(next: N): Catch<N>[] => [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: next }];

/** Calls a Lambda that may be repeated. @param answer what is kept of what it answers. @default nothing */
const finishing = (
  { functionArn, timeoutSeconds }: CalledFunction,
  payload: object,
  next: { readonly Next: Names } | { readonly End: true },
  answer: Pick<TaskState<Names>, "ResultPath" | "ResultSelector"> = { ResultPath: null },
): TaskState<Names> => ({
  Type: "Task",
  Resource: INVOKE,
  Parameters: { FunctionName: functionArn, Payload: payload },
  ...answer,
  TimeoutSeconds: timeoutSeconds + ANSWER_RESERVE_SECONDS,
  Retry: [RETRY_THROTTLED_STEP, RETRY_LAMBDA_SERVICE, RETRY_REPEATABLE_WORK],
  // the generation is closed already: a FAILED execution calls the finish Lambda, which starts the end again
  Catch: catchAll(STATE_NAMES.unreported),
  ...next,
});

/** How what was sealed is merged. */
const SEALED = {
  ResultSelector: {
    "rangeCount.$": "$.Payload.rangeCount",
    "stateBucket.$": "$.Payload.stateBucket",
    "rangesKey.$": "$.Payload.rangesKey",
  },
  ResultPath: "$.sealed",
} as const;

/**
 * The batch workflow (docs/architecture.md): plan, work on the chunks, seal, merge ranges where there are many partials, reduce, report.
 * Whatever goes wrong before `Seal` becomes the generation's failure in `SealFailed`; only references travel, since a state's data is
 * 262,144 bytes at most.
 */
export function batchDefinition(inputs: DefinitionInputs): Machine<Names> {
  return {
    Comment: "One generation of a batch",
    StartAt: STATE_NAMES.route,
    States: {
      [STATE_NAMES.route]: {
        Type: "Choice",
        Choices: [{ Variable: "$.finish", BooleanEquals: true, Next: STATE_NAMES.seal }],
        Default: STATE_NAMES.plan,
      },
      [STATE_NAMES.plan]: {
        Type: "Task",
        Resource: INVOKE,
        Parameters: { FunctionName: inputs.plan.functionArn, Payload: { ...GENERATION, "startedAt.$": "$$.Execution.StartTime" } },
        ResultSelector: {
          "outcome.$": "$.Payload.outcome",
          "route.$": "$.Payload.route",
          "chunkCount.$": "$.Payload.chunkCount",
          "stateBucket.$": "$.Payload.stateBucket",
          "chunksKey.$": "$.Payload.chunksKey",
        },
        ResultPath: "$.plan",
        TimeoutSeconds: inputs.plan.timeoutSeconds + ANSWER_RESERVE_SECONDS,
        Retry: [RETRY_THROTTLED_STEP, RETRY_LAMBDA_SERVICE, RETRY_REPEATABLE_WORK],
        Catch: catchAll(STATE_NAMES.sealFailed),
        Next: STATE_NAMES.chooseRoute,
      },
      [STATE_NAMES.chooseRoute]: {
        Type: "Choice",
        Choices: [
          { Variable: "$.plan.outcome", StringEquals: "waiting", Next: STATE_NAMES.waitForTurn },
          { Variable: "$.plan.outcome", StringEquals: "refused", Next: STATE_NAMES.seal },
          { Variable: "$.plan.chunkCount", NumericEquals: 0, Next: STATE_NAMES.seal },
          { Variable: "$.plan.route", StringEquals: "lambda", Next: STATE_NAMES.mapLambda },
        ],
        Default: STATE_NAMES.mapFleet,
      },
      [STATE_NAMES.waitForTurn]: { Type: "Wait", Seconds: TURN_SECONDS, Next: STATE_NAMES.plan },
      [STATE_NAMES.mapFleet]: overChunks(inputs, {
        label: MAP_LABELS.fleet,
        maximumConcurrency: inputs.fleetConcurrency,
        extraInput: {},
        child: fleetChild(inputs),
      }),
      [STATE_NAMES.mapLambda]: overChunks(inputs, {
        label: MAP_LABELS.lambda,
        maximumConcurrency: inputs.lambdaConcurrency,
        extraInput: { round: 0 },
        child: lambdaChild(inputs),
      }),
      [STATE_NAMES.seal]: finishing(inputs.seal, GENERATION, { Next: STATE_NAMES.chooseReduce }, SEALED),
      [STATE_NAMES.sealFailed]: finishing(inputs.seal, { ...GENERATION, "error.$": "$.error" }, { Next: STATE_NAMES.chooseReduce }, SEALED),
      [STATE_NAMES.chooseReduce]: {
        Type: "Choice",
        Choices: [{ Variable: "$.sealed.rangeCount", NumericEquals: 0, Next: STATE_NAMES.reduce }],
        Default: STATE_NAMES.mapMerge,
      },
      [STATE_NAMES.mapMerge]: overRanges(inputs),
      [STATE_NAMES.reduce]: finishing(inputs.reduce, GENERATION, { Next: STATE_NAMES.report }),
      [STATE_NAMES.report]: finishing(inputs.report, GENERATION, { End: true }),
      [STATE_NAMES.unreported]: {
        Type: "Fail",
        Error: "Unreported",
        Cause: "seal, merge, reduce or report failed; the finish Lambda starts the end of this generation again",
      },
    },
  };
}

interface MapInputs {
  readonly label: string;
  readonly maximumConcurrency: number;
  readonly extraInput: Readonly<Record<string, number>>;
  readonly child: DistributedMapState<Names>["ItemProcessor"];
}

const resultWriter = (stateBucketName: string): DistributedMapState<Names>["ResultWriter"] => ({
  Resource: "arn:aws:states:::s3:putObject",
  Parameters: { Bucket: stateBucketName, Prefix: MAP_RUNS_PREFIX.replace(/\/$/, "") },
});

const overChunks = (
  { stateBucketName }: DefinitionInputs,
  { label, maximumConcurrency, extraInput, child }: MapInputs,
): DistributedMapState<Names> => ({
  Type: "Map",
  Label: label,
  ItemReader: {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "JSONL" },
    Parameters: { "Bucket.$": "$.plan.stateBucket", "Key.$": "$.plan.chunksKey" },
  },
  ItemSelector: { ...GENERATION, "chunk.$": "$$.Map.Item.Value", ...extraInput },
  ItemProcessor: child,
  ResultWriter: resultWriter(stateBucketName),
  MaxConcurrency: maximumConcurrency,
  // the ledger gives the verdict: a chunk that failed here costs its own files only
  ToleratedFailurePercentage: 100,
  ResultPath: null,
  Catch: catchAll(STATE_NAMES.sealFailed),
  Next: STATE_NAMES.seal,
});

/**
 * Merges ranges of partials, each in a Lambda. None may be missing: one that can't be merged ends the map, and the execution. Merged anew,
 * what is there already is left as it is.
 */
const overRanges = ({ lambdaConcurrency, mergeRange, stateBucketName }: DefinitionInputs): DistributedMapState<Names> => ({
  Type: "Map",
  Label: MAP_LABELS.merge,
  ItemReader: {
    Resource: "arn:aws:states:::s3:getObject",
    ReaderConfig: { InputType: "JSONL" },
    Parameters: { "Bucket.$": "$.sealed.stateBucket", "Key.$": "$.sealed.rangesKey" },
  },
  ItemSelector: { ...GENERATION, "range.$": "$$.Map.Item.Value" },
  ItemProcessor: childMachine<MergeNames>({
    StartAt: MERGE_CHILD_STATE_NAMES.merge,
    States: {
      [MERGE_CHILD_STATE_NAMES.merge]: {
        Type: "Task",
        Resource: INVOKE,
        Parameters: { FunctionName: mergeRange.functionArn, Payload: { ...GENERATION, "range.$": "$.range" } },
        ResultSelector: { "outcome.$": "$.Payload.outcome" },
        TimeoutSeconds: mergeRange.timeoutSeconds + ANSWER_RESERVE_SECONDS,
        Retry: [RETRY_THROTTLED_STEP, RETRY_LAMBDA_SERVICE, RETRY_REPEATABLE_WORK],
        Catch: catchAll(MERGE_CHILD_STATE_NAMES.unmerged),
        End: true,
      },
      [MERGE_CHILD_STATE_NAMES.unmerged]: { Type: "Fail", Error: "RangeUnmerged", Cause: "merging a range of partials failed" },
    },
  }),
  ResultWriter: resultWriter(stateBucketName),
  MaxConcurrency: lambdaConcurrency,
  ToleratedFailurePercentage: 0,
  ResultPath: null,
  Catch: catchAll(STATE_NAMES.unreported),
  Next: STATE_NAMES.reduce,
});

/** Sends the chunk to the queue and waits for the worker's answer. No heartbeat: its clock would run while the message waits. */
const fleetChild = ({ chunksQueueUrl, fleetTaskTimeoutSeconds }: DefinitionInputs): MapInputs["child"] =>
  childMachine<FleetNames>({
    StartAt: FLEET_CHILD_STATE_NAMES.send,
    States: {
      [FLEET_CHILD_STATE_NAMES.send]: {
        Type: "Task",
        Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        Parameters: {
          QueueUrl: chunksQueueUrl,
          MessageBody: { schemaVersion: SCHEMA_VERSION, type: "chunk", ...GENERATION, "chunk.$": "$.chunk", "token.$": "$$.Task.Token" },
        },
        ResultSelector: { "outcome.$": "$.outcome" },
        TimeoutSeconds: fleetTaskTimeoutSeconds,
        Retry: [RETRY_SQS_SEND],
        Catch: catchAll(FLEET_CHILD_STATE_NAMES.unanswered),
        End: true,
      },
      [FLEET_CHILD_STATE_NAMES.unanswered]: { Type: "Pass", Result: { outcome: "unanswered" }, End: true },
    },
  });

/** Works on the chunk in a Lambda, again while it says so. */
const lambdaChild = ({ processChunk }: DefinitionInputs): MapInputs["child"] => {
  const chunk = { ...GENERATION, "chunk.$": "$.chunk" } as const;
  return childMachine<LambdaNames>({
    StartAt: LAMBDA_CHILD_STATE_NAMES.process,
    States: {
      [LAMBDA_CHILD_STATE_NAMES.process]: {
        Type: "Task",
        Resource: INVOKE,
        Parameters: {
          FunctionName: processChunk.functionArn,
          Payload: { ...chunk, "round.$": "$.round", "retry.$": "$$.State.RetryCount" },
        },
        ResultSelector: { "outcome.$": "$.Payload.outcome", "round.$": "$.Payload.round" },
        ResultPath: "$.work",
        TimeoutSeconds: processChunk.timeoutSeconds + ANSWER_RESERVE_SECONDS,
        Retry: [RETRY_THROTTLED_CHUNK, RETRY_LAMBDA_SERVICE, RETRY_CHUNK_WORK],
        Catch: catchAll(LAMBDA_CHILD_STATE_NAMES.unanswered),
        Next: LAMBDA_CHILD_STATE_NAMES.chooseRound,
      },
      [LAMBDA_CHILD_STATE_NAMES.chooseRound]: {
        Type: "Choice",
        Choices: [
          {
            And: [
              { Variable: "$.work.outcome", StringEquals: "again" },
              { Variable: "$.work.round", NumericLessThan: LAMBDA_ROUNDS },
            ],
            Next: LAMBDA_CHILD_STATE_NAMES.nextRound,
          },
        ],
        Default: LAMBDA_CHILD_STATE_NAMES.done,
      },
      [LAMBDA_CHILD_STATE_NAMES.nextRound]: {
        Type: "Pass",
        Parameters: { ...chunk, "round.$": "$.work.round" },
        Next: LAMBDA_CHILD_STATE_NAMES.process,
      },
      [LAMBDA_CHILD_STATE_NAMES.done]: { Type: "Pass", Parameters: { "outcome.$": "$.work.outcome" }, End: true },
      [LAMBDA_CHILD_STATE_NAMES.unanswered]: { Type: "Pass", Result: { outcome: "unanswered" }, End: true },
    },
  });
};
