import type { GenerationRef, WorkflowInput } from "../../contracts/batch";
import { executionName, finishExecutionName } from "../../contracts/state-keys";
import type { ExecutionState, ExecutionStatus, Workflow } from "../../ports/workflow";
import type { StepFunctions } from "../../../../kit/simulator/interpreter/step-functions";
import type { ExecutionStatus as StatesStatus } from "../../../../kit/simulator/interpreter/world";

/** As systems/batch/aws/sfn-workflow.ts. */
const STOP_ERROR = "Filemill.GenerationClosed";
const STATUSES: Record<StatesStatus, ExecutionStatus> = {
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  TIMED_OUT: "failed",
  ABORTED: "failed",
};

/** The port on the interpreter, with the names and answers of systems/batch/aws/sfn-workflow.ts. */
export class InterpretedWorkflow implements Workflow {
  public constructor(private readonly stepFunctions: StepFunctions) {}

  public start({ batchId, generation }: GenerationRef): Promise<boolean> {
    return this.startExecution(executionName({ batchId, generation }), { batchId, generation, finish: false });
  }
  public startFinish({ batchId, generation }: GenerationRef, attempt: number): Promise<boolean> {
    return this.startExecution(finishExecutionName({ batchId, generation }, attempt), { batchId, generation, finish: true });
  }
  public async stop(ref: GenerationRef, cause: string): Promise<void> {
    await Promise.resolve();
    this.stepFunctions.stopExecution(executionName(ref), STOP_ERROR, cause);
  }
  public status(ref: GenerationRef): Promise<ExecutionState | undefined> {
    return this.describe(executionName(ref));
  }
  public finishStatus(ref: GenerationRef, attempt: number): Promise<ExecutionState | undefined> {
    return this.describe(finishExecutionName(ref, attempt));
  }

  private async startExecution(name: string, input: WorkflowInput): Promise<boolean> {
    // a call takes at least a turn, whoever answers it
    await Promise.resolve();
    return this.stepFunctions.startExecution(name, input) !== "closed";
  }

  private async describe(name: string): Promise<ExecutionState | undefined> {
    await Promise.resolve();
    const found = this.stepFunctions.describeExecution(name);
    if (found === undefined) return undefined;
    const { status, startedAt, error, cause } = found;
    return {
      status: STATUSES[status],
      startedAt,
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
  }
}
