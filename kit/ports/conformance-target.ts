/** How an execution stands, as DescribeExecution tells it; times in milliseconds since the epoch. */
export interface DescribedExecution {
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";
  readonly startedAt: number;
  readonly stoppedAt?: number;
  /** Parsed. */
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** What SendTaskSuccess and SendTaskFailure answered: `accepted`, or the name of the error. */
export type CallbackAnswer = "accepted" | "TaskTimedOut" | "TaskDoesNotExist" | "InvalidToken";

/** One conformance case's own place: a queue, a prefix of a bucket, a state machine. */
export interface ConformanceBench {
  readonly queueUrl: string;
  readonly bucket: string;
  /** Ends with `/`. */
  readonly prefix: string;
  /** CreateStateMachine, once per bench. @returns `refused` when the definition is not valid */
  createMachine(definition: object): Promise<"created" | "refused">;
  /** StartExecution. */
  start(name: string, input: unknown): Promise<"started" | "already-exists">;
  describe(name: string): Promise<DescribedExecution>;
  stop(name: string, error: string, cause: string): Promise<void>;
  /** Child executions of the execution's Map Runs, by status. */
  childCounts(name: string): Promise<Readonly<Record<string, number>>>;
  succeed(token: string, output: unknown): Promise<CallbackAnswer>;
  fail(token: string, error: string, cause: string): Promise<CallbackAnswer>;
  /** Takes a message off the queue. @returns its body, or undefined when there is none for now */
  receive(): Promise<string | undefined>;
  putObject(key: string, text: string): Promise<void>;
  /** Keys below the prefix. */
  listObjects(): Promise<string[]>;
  sleep(milliseconds: number): Promise<void>;
  /** Milliseconds since the epoch, of the clock that `sleep` lets pass. */
  now(): number;
  /** Removes everything, executions that still run included. */
  close(): Promise<void>;
}

/** A Step Functions to compare: the interpreter's, an emulator's, AWS's. */
export interface ConformanceTarget {
  openBench(caseName: string): Promise<ConformanceBench>;
}
