import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  StartExecutionCommand,
  StopExecutionCommand,
  ValidationException,
  type ExecutionStatus as SfnStatus,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import type { GenerationRef, WorkflowInput } from "../contracts/batch";
import { executionName, finishExecutionName } from "../contracts/state-keys";
import type { ExecutionState, ExecutionStatus, Workflow } from "../ports/workflow";

/** What StopExecution takes as its cause. https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html */
const MAXIMUM_CAUSE_CHARACTERS = 32_768;
/** Error name of a stopped execution, seen in its console page. */
const STOP_ERROR = "Filemill.GenerationClosed";

/** A redrive is nothing we do, but someone may: until it has started again the execution isn't closed. */
const STATUSES: Record<SfnStatus, ExecutionStatus> = {
  RUNNING: "running",
  PENDING_REDRIVE: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  TIMED_OUT: "failed",
  ABORTED: "failed",
};

export class SfnWorkflow implements Workflow {
  public constructor(
    private readonly client: SFNClient,
    private readonly stateMachineArn: string,
  ) {}

  public start(ref: GenerationRef): Promise<boolean> {
    return this.startExecution(executionName(ref), { ...ref, finish: false });
  }

  public startFinish(ref: GenerationRef, attempt: number): Promise<boolean> {
    return this.startExecution(finishExecutionName(ref, attempt), { ...ref, finish: true });
  }

  public async stop(ref: GenerationRef, cause: string): Promise<void> {
    try {
      await this.client.send(
        new StopExecutionCommand({
          executionArn: this.executionArn(executionName(ref)),
          error: STOP_ERROR,
          cause: cause.slice(0, MAXIMUM_CAUSE_CHARACTERS),
        }),
      );
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return;
      // StopExecution's page doesn't say what it answers for one that is over; the emulator refuses the request as invalid
      if (error instanceof ValidationException && (await this.status(ref))?.status !== "running") return;
      throw error;
    }
  }

  public status(ref: GenerationRef): Promise<ExecutionState | undefined> {
    return this.describe(executionName(ref));
  }

  public finishStatus(ref: GenerationRef, attempt: number): Promise<ExecutionState | undefined> {
    return this.describe(finishExecutionName(ref, attempt));
  }

  private async startExecution(name: string, input: WorkflowInput): Promise<boolean> {
    try {
      await this.client.send(new StartExecutionCommand({ stateMachineArn: this.stateMachineArn, name, input: JSON.stringify(input) }));
      return true;
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return false;
      throw error;
    }
  }

  private async describe(name: string): Promise<ExecutionState | undefined> {
    try {
      const { status, startDate, error, cause } = await this.client.send(
        new DescribeExecutionCommand({ executionArn: this.executionArn(name) }),
      );
      if (status === undefined || startDate === undefined) {
        throw new Error(`DescribeExecution of ${name} answered without status or start date; is the endpoint really Step Functions?`);
      }
      return {
        status: STATUSES[status],
        startedAt: startDate.getTime(),
        ...(error === undefined ? {} : { error }),
        ...(cause === undefined ? {} : { cause }),
      };
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  /** `arn:aws:states:R:A:stateMachine:NAME` has executions `arn:aws:states:R:A:execution:NAME:EXECUTION`. */
  private executionArn(name: string): string {
    return `${this.stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  }
}
