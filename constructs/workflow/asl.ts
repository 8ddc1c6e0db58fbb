/**
 * The Amazon States Language as far as we use it, JSONPath only. `Names` is a machine's own list of states, so a `Next` to a state that
 * doesn't exist does not compile.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */

export interface Retry {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy: "FULL" | "NONE";
}

export interface Catch<Names extends string> {
  readonly ErrorEquals: readonly string[];
  /** Where the error goes in the state's input: the input itself must survive. */
  readonly ResultPath: `$.${string}`;
  readonly Next: Names;
}

type Transition<Names extends string> = { readonly Next: Names } | { readonly End: true };

/** A task can hang and can fail: both have an answer, or it does not compile. */
export type TaskState<Names extends string> = {
  readonly Type: "Task";
  readonly Resource: string;
  readonly Parameters: object;
  readonly ResultSelector?: Readonly<Record<string, string>>;
  readonly ResultPath?: string | null;
  readonly TimeoutSeconds: number;
  readonly Retry: readonly Retry[];
  readonly Catch: readonly Catch<Names>[];
} & Transition<Names>;

export type PassState<Names extends string> = {
  readonly Type: "Pass";
  readonly Parameters?: object;
  readonly Result?: object;
  readonly ResultPath?: string | null;
} & Transition<Names>;

type Comparison =
  | { readonly Variable: string; readonly BooleanEquals: boolean }
  | { readonly Variable: string; readonly StringEquals: string }
  | { readonly Variable: string; readonly NumericEquals: number }
  | { readonly Variable: string; readonly NumericLessThan: number };

export interface ChoiceState<Names extends string> {
  readonly Type: "Choice";
  readonly Choices: readonly ((Comparison | { readonly And: readonly Comparison[] }) & { readonly Next: Names })[];
  readonly Default: Names;
}

export type WaitState<Names extends string> = {
  readonly Type: "Wait";
  readonly Seconds: number;
} & Transition<Names>;

export interface FailState {
  readonly Type: "Fail";
  readonly Error: string;
  readonly Cause: string;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
export type DistributedMapState<Names extends string> = {
  readonly Type: "Map";
  /** At most 40 characters, no whitespace; part of the children's ARNs. */
  readonly Label: string;
  readonly ItemReader: {
    readonly Resource: "arn:aws:states:::s3:getObject";
    readonly ReaderConfig: { readonly InputType: "JSONL" };
    readonly Parameters: { readonly "Bucket.$": string; readonly "Key.$": string };
  };
  readonly ItemSelector: Readonly<Record<string, string | number>>;
  readonly ItemProcessor: Machine<string> & {
    readonly ProcessorConfig: { readonly Mode: "DISTRIBUTED"; readonly ExecutionType: "STANDARD" };
  };
  readonly ResultWriter: {
    readonly Resource: "arn:aws:states:::s3:putObject";
    readonly Parameters: { readonly Bucket: string; readonly Prefix: string };
  };
  readonly MaxConcurrency: number;
  readonly ToleratedFailurePercentage: number;
  readonly ResultPath: null;
  readonly Catch: readonly Catch<Names>[];
} & Transition<Names>;

export type State<Names extends string> =
  TaskState<Names> | PassState<Names> | ChoiceState<Names> | WaitState<Names> | FailState | DistributedMapState<Names>;

export interface Machine<Names extends string> {
  readonly Comment?: string;
  readonly StartAt: Names;
  readonly States: { readonly [Name in Names]: State<Names> };
}

/** A machine of a map's children. Its names are its own; checked here, then only text. */
export const childMachine = <Names extends string>(
  machine: Machine<Names>,
): Machine<string> & { readonly ProcessorConfig: { readonly Mode: "DISTRIBUTED"; readonly ExecutionType: "STANDARD" } } => ({
  // Standard: callbacks need it, and an Express child would end at 5 minutes where a Lambda may work 15
  ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
  ...machine,
});
