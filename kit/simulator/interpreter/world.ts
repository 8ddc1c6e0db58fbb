import type { Clock } from "../../ports/clock";
import type { TaskTokens } from "./task-tokens";

/**
 * What tasks reach. An implementation throws StatesError for what AWS would report; anything else is a mistake of the simulation and ends
 * it.
 */
export interface TaskServices {
  /**
   * Task lambda:invoke.
   *
   * @param signal aborted when nobody observes the invocation any more (the task timed out, or its execution was stopped): AWS ends no
   *   function for that, so neither should this
   * @throws StatesError with the error name Step Functions would see (Lambda.ServiceException, the function's error name, Lambda.Unknown…)
   */
  invokeFunction(functionArn: string, payload: unknown, signal: AbortSignal): Promise<unknown>;
  /** @throws StatesError SQS.AmazonSQSException, SQS.SdkClientException */
  sendMessage(queueUrl: string, body: string): Promise<{ readonly messageId: string }>;
  /** ItemReader s3:getObject: the object's text. @throws StatesError States.ItemReaderFailed */
  readObject(bucket: string, key: string): Promise<string>;
  /** ResultWriter. @throws StatesError States.ResultWriterFailed */
  writeObject(bucket: string, key: string, body: string): Promise<void>;
}

export type ClosedStatus = "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
export type ExecutionStatus = "RUNNING" | ClosedStatus;

/** An event `Step Functions Execution Status Change` of an execution that ended. */
export interface StatusChange {
  readonly name: string;
  readonly status: ClosedStatus;
  readonly error?: string;
  readonly cause?: string;
}

/** What a simulated world can do to Step Functions. All optional: without, everything goes well. */
export interface InterpreterFaults {
  /** true: EventBridge, which delivers these events by best effort, loses this one. */
  readonly loseStatusEvent?: (event: StatusChange) => boolean;
  /** true: it delivers this one twice. */
  readonly duplicateStatusEvent?: (event: StatusChange) => boolean;
  /** Milliseconds until the event is delivered. */
  readonly statusEventDelay?: (event: StatusChange) => number;
  /** Milliseconds until a state is entered. */
  readonly stateDelay?: (executionName: string, stateName: string) => number;
  /** true: the reply to SendMessage is lost and the service sends the same body, same token, again. */
  readonly sendTwice?: (queueUrl: string, body: string) => boolean;
  /** true: the reply of the function is lost and the service invokes it again; both invocations run. */
  readonly invokeTwice?: (functionArn: string, payload: unknown) => boolean;
}

/** What every execution of a machine shares. */
export interface World {
  readonly machineName: string;
  readonly clock: Clock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly services: TaskServices;
  readonly tokens: TaskTokens;
  readonly faults: InterpreterFaults;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Children a Map Run starts in a second at most. */
  readonly childStartsPerSecond: number;
}

/** Where the interpreter's ARNs say they are. */
const REGION = "us-east-1";
const ACCOUNT_ID = "000000000000";
export const statesArn = (kind: "stateMachine" | "execution" | "mapRun", rest: string): string =>
  `arn:aws:states:${REGION}:${ACCOUNT_ID}:${kind}:${rest}`;
