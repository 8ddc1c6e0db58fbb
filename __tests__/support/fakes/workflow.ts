import type { GenerationRef } from "../../../systems/batch/contracts/batch";
import { executionName, finishExecutionName } from "../../../systems/batch/contracts/state-keys";
import type { Clock } from "../../../kit/ports/clock";
import type { ExecutionState, ExecutionStatus, Workflow } from "../../../systems/batch/ports/workflow";

/** Executions by name, as Step Functions keeps them: a closed name can't be used again. */
export class FakeWorkflow implements Workflow {
  public readonly executions = new Map<string, ExecutionState>();
  /** Names of executions that were stopped while they ran. */
  public readonly stopped: string[] = [];

  public constructor(private readonly clock: Clock) {}

  /** Ends an execution. */
  public end(name: string, status: Exclude<ExecutionStatus, "running">, error?: string, cause?: string): void {
    const startedAt = this.executions.get(name)?.startedAt ?? this.clock.now();
    const why = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    this.executions.set(name, { status, startedAt, ...why });
  }

  public start(ref: GenerationRef): Promise<boolean> {
    return this.run(executionName(ref));
  }
  public startFinish(ref: GenerationRef, attempt: number): Promise<boolean> {
    return this.run(finishExecutionName(ref, attempt));
  }
  public stop(ref: GenerationRef, cause: string): Promise<void> {
    const name = executionName(ref);
    if (this.executions.get(name)?.status === "running") {
      this.stopped.push(name);
      this.end(name, "failed", "stopped", cause);
    }
    return Promise.resolve();
  }
  public status(ref: GenerationRef): Promise<ExecutionState | undefined> {
    return Promise.resolve(this.executions.get(executionName(ref)));
  }
  public finishStatus(ref: GenerationRef, attempt: number): Promise<ExecutionState | undefined> {
    return Promise.resolve(this.executions.get(finishExecutionName(ref, attempt)));
  }

  private run(name: string): Promise<boolean> {
    const known = this.executions.get(name);
    if (known === undefined) this.executions.set(name, { status: "running", startedAt: this.clock.now() });
    return Promise.resolve(known === undefined || known.status === "running");
  }
}
