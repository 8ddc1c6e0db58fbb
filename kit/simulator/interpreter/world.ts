import type { Clock } from "../../ports/clock";
import { simulatedArn } from "../place";
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

/** true: the reply to SendMessage is lost and the service sends the same body, same token, again. */
export type SendTwice = (queueUrl: string, body: string) => boolean;

/** What every execution of a machine shares. */
export interface World {
  readonly machineName: string;
  readonly clock: Clock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly services: TaskServices;
  readonly tokens: TaskTokens;
  readonly sendTwice: SendTwice;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Children a Map Run starts in a second at most. */
  readonly childStartsPerSecond: number;
}

export const statesArn = (kind: "stateMachine" | "execution" | "mapRun", rest: string): string => simulatedArn("states", `${kind}:${rest}`);
