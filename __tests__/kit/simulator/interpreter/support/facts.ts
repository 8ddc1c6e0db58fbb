/** A behaviour of Step Functions that the interpreter carries out, and how we know it. */
export interface InterpreterFact {
  readonly behaviour: string;
  /** Address of the page that says so. */
  readonly source: string;
  /**
   * `documented`: AWS says so. `observed`: someone else saw it on AWS and wrote it down. `assumed`: nobody says it; the page is the nearest
   * there is, and a run of `filemill doctor --conformance --record` against AWS would settle it.
   */
  readonly standing: "documented" | "observed" | "assumed";
  /** What the local emulator does. `unknown`: no conformance case looks at it. */
  readonly emulator: "same" | "differs" | "missing" | "unknown";
}

const GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/";
const API = "https://docs.aws.amazon.com/step-functions/latest/apireference/";
const ERRORS = `${GUIDE}concepts-error-handling.html`;
const MAP = `${GUIDE}state-map-distributed.html`;
/** Compared with AWS in us-east-1, by the authors of another emulator. */
const FLOCI = "https://github.com/floci-io/floci/pull/3167";

export const INTERPRETER_FACTS: readonly InterpreterFact[] = [
  {
    behaviour: "A name that runs answers like a new one for the same input; for another input, or once closed, ExecutionAlreadyExists",
    source: `${API}API_StartExecution.html`,
    standing: "documented",
    emulator: "differs",
  },
  {
    behaviour: "A second answer to a token is TaskTimedOut: the task is closed",
    source: `${API}API_SendTaskSuccess.html`,
    standing: "documented",
    emulator: "differs",
  },
  {
    behaviour: "An answer after the task's timeout is TaskTimedOut",
    source: `${API}API_SendTaskSuccess.html`,
    standing: "documented",
    emulator: "differs",
  },
  {
    behaviour: "An answer to a task of a stopped execution is TaskTimedOut; what the task started is not stopped",
    source: "https://stackoverflow.com/questions/45596276/what-happens-when-i-stop-an-execution-in-aws-step-functions",
    standing: "observed",
    emulator: "differs",
  },
  { behaviour: "What is no token is InvalidToken", source: `${API}API_SendTaskSuccess.html`, standing: "documented", emulator: "differs" },
  {
    behaviour: "A token as Step Functions gives them, of a task that is not there, is TaskDoesNotExist",
    source: `${API}API_SendTaskSuccess.html`,
    standing: "documented",
    emulator: "same",
  },
  {
    behaviour: "Each attempt of a task has a token of its own; the one before is dead",
    source: `${GUIDE}connect-to-resource.html`,
    standing: "documented",
    emulator: "differs",
  },
  {
    behaviour: "A token that is answered before the send has returned ends the task",
    source: `${GUIDE}connect-to-resource.html`,
    standing: "assumed",
    emulator: "unknown",
  },
  {
    behaviour: "A message body that is an object is sent as JSON text",
    source: `${GUIDE}connect-sqs.html`,
    standing: "documented",
    emulator: "same",
  },
  {
    behaviour: "TimeoutSeconds of a task counts from its start; over it is States.Timeout",
    source: `${GUIDE}state-task.html`,
    standing: "documented",
    emulator: "same",
  },
  {
    behaviour: "lambda:invoke wraps the function's answer: Payload, StatusCode, ExecutedVersion",
    source: `${GUIDE}connect-lambda.html`,
    standing: "documented",
    emulator: "same",
  },
  { behaviour: "A function that throws has its own error's name", source: ERRORS, standing: "documented", emulator: "differs" },
  {
    behaviour: "States.ALL takes neither States.DataLimitExceeded nor States.Runtime",
    source: ERRORS,
    standing: "documented",
    emulator: "missing",
  },
  { behaviour: "States.TaskFailed takes every error but States.Timeout", source: ERRORS, standing: "documented", emulator: "same" },
  { behaviour: "States.DataLimitExceeded is taken by its own name", source: ERRORS, standing: "assumed", emulator: "missing" },
  {
    behaviour: "Each retrier counts its own attempts; used up, the error goes to Catch; leaving the state resets them",
    source: ERRORS,
    standing: "documented",
    emulator: "same",
  },
  {
    behaviour: "Full jitter waits between nothing and the delay; MaxDelaySeconds caps it",
    source: ERRORS,
    standing: "documented",
    emulator: "unknown",
  },
  {
    behaviour: "Catch puts Error and Cause at its ResultPath into the state's input",
    source: ERRORS,
    standing: "documented",
    emulator: "same",
  },
  {
    behaviour: "A path of a payload template that leads nowhere is States.Runtime; an index beyond the end gives null",
    source: FLOCI,
    standing: "observed",
    emulator: "differs",
  },
  {
    behaviour: "A Choice without a rule that holds and without Default is States.Runtime",
    source: FLOCI,
    standing: "observed",
    emulator: "unknown",
  },
  {
    behaviour: "A value of another type than the comparison's does not match",
    source: `${GUIDE}state-choice.html`,
    standing: "documented",
    emulator: "same",
  },
  {
    behaviour: "Input and output of a state, a task and an execution have 262,144 bytes at most, else States.DataLimitExceeded",
    source: `${GUIDE}service-quotas.html`,
    standing: "documented",
    emulator: "missing",
  },
  {
    behaviour: "The history has 25,000 events at most: unless the last one is the success, the execution fails there",
    source: `${GUIDE}bp-history-limit.html`,
    standing: "documented",
    emulator: "unknown",
  },
  {
    behaviour: "That failure's error is States.Runtime",
    source: "https://cloudonaut.io/step-functions-pitfall-maximum-number-of-history-events/",
    standing: "assumed",
    emulator: "unknown",
  },
  {
    behaviour: "A machine's TimeoutSeconds ends an execution as TIMED_OUT",
    source: `${GUIDE}concepts-amazon-states-language.html`,
    standing: "documented",
    emulator: "missing",
  },
  {
    behaviour: "A definition that leads to no state is refused",
    source: `${API}API_CreateStateMachine.html`,
    standing: "documented",
    emulator: "missing",
  },
  {
    behaviour: "An item reader's object that is missing or not JSON Lines is States.ItemReaderFailed",
    source: `${GUIDE}input-output-itemreader.html`,
    standing: "documented",
    emulator: "same",
  },
  {
    behaviour: "A Map Run starts 100 Standard children in a second",
    source: `${GUIDE}service-quotas.html`,
    standing: "documented",
    emulator: "missing",
  },
  { behaviour: "MaxConcurrency 0 is 10,000", source: MAP, standing: "documented", emulator: "differs" },
  {
    behaviour:
      "More failed and timed-out items than tolerated are States.ExceedToleratedFailureThreshold; children that run are aborted, others not started",
    source: `${API}API_MapRunExecutionCounts.html`,
    standing: "documented",
    emulator: "differs",
  },
  {
    behaviour: "Without ResultWriter a tolerated failure is in the result with its metadata",
    source: `${GUIDE}input-output-resultwriter.html`,
    standing: "documented",
    emulator: "differs",
  },
  {
    behaviour:
      "ResultWriter writes manifest.json, SUCCEEDED_0.json and FAILED_0.json, and the state's result says where; of a failed run, too (PENDING_0.json, of items never started, is not written here)",
    source: `${GUIDE}input-output-resultwriter.html`,
    standing: "documented",
    emulator: "missing",
  },
  { behaviour: "A retry of a Map is a new Map Run with all children", source: MAP, standing: "documented", emulator: "unknown" },
  {
    behaviour:
      "When the parent is stopped or times out its Standard children are cancelled (on AWS after a moment, here at once; results of such a run are not written here)",
    source: `${GUIDE}redrive-map-run.html`,
    standing: "documented",
    emulator: "missing",
  },
  {
    behaviour: "The end of a Standard execution is an event on EventBridge, by best effort, possibly out of order",
    source: `${GUIDE}cw-events.html`,
    standing: "documented",
    emulator: "same",
  },
  {
    behaviour: "A map's children make no such event that our rule takes: their stateMachineArn carries the map's label",
    source: `${GUIDE}cw-events.html`,
    standing: "assumed",
    emulator: "unknown",
  },
];

/** The facts as a page for people. */
export function renderFacts(facts: readonly InterpreterFact[]): string {
  const cells = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  return [
    cells(["behaviour", "source", "standing", "emulator"]),
    cells(["---", "---", "---", "---"]),
    ...facts.map(({ behaviour, source, standing, emulator }) =>
      cells([behaviour, `[${new URL(source).hostname}](${source})`, standing, emulator]),
    ),
  ].join("\n");
}
