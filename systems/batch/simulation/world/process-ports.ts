import type { TaskOutput } from "../../contracts/batch";
import type { GenerationRef } from "../../contracts/batch";
import type { FileItem, ResultStore } from "../../ports/result-store";
import type { CallbackResult, TaskCallback } from "../../../../kit/ports/task-callback";
import type { ExecutionState, Workflow } from "../../ports/workflow";
import { RESULTS_CLIENT, type SimProcess } from "../../../../kit/simulator/kernel/sim-process";

/** The table `wordfreq` as one process reaches it: an item a call. */
export class ProcessResultStore implements ResultStore {
  public constructor(
    private readonly process: SimProcess,
    private readonly results: ResultStore,
  ) {}

  public async put(items: readonly FileItem[]): Promise<("stored" | "outdated")[]> {
    const put = await Promise.all(
      items.map((item) => this.process.call("dynamodb", `PutItem${RESULTS_CLIENT}`, () => this.results.put([item]))),
    );
    return put.flat();
  }
  public get(filenames: readonly string[]): Promise<FileItem[]> {
    return this.process.call("dynamodb", `BatchGetItem${RESULTS_CLIENT}`, () => this.results.get(filenames));
  }
}

/** Step Functions' callback as one process reaches it. */
export class ProcessTaskCallback implements TaskCallback {
  public constructor(
    private readonly process: SimProcess,
    private readonly callback: TaskCallback,
  ) {}

  public succeed(token: string, output: TaskOutput): Promise<CallbackResult> {
    return this.process.call("sfn", "SendTaskSuccess", () => this.callback.succeed(token, output));
  }
  public fail(token: string, error: string, cause: string): Promise<CallbackResult> {
    return this.process.call("sfn", "SendTaskFailure", () => this.callback.fail(token, error, cause));
  }
}

/** The machine as one process reaches it. */
export class ProcessWorkflow implements Workflow {
  public constructor(
    private readonly process: SimProcess,
    private readonly workflow: Workflow,
  ) {}

  public start(ref: GenerationRef): Promise<boolean> {
    return this.process.call("sfn", "StartExecution", () => this.workflow.start(ref));
  }
  public startFinish(ref: GenerationRef, attempt: number): Promise<boolean> {
    return this.process.call("sfn", "StartExecution", () => this.workflow.startFinish(ref, attempt));
  }
  public stop(ref: GenerationRef, cause: string): Promise<void> {
    return this.process.call("sfn", "StopExecution", () => this.workflow.stop(ref, cause));
  }
  public status(ref: GenerationRef): Promise<ExecutionState | undefined> {
    return this.process.call("sfn", "DescribeExecution", () => this.workflow.status(ref));
  }
  public finishStatus(ref: GenerationRef, attempt: number): Promise<ExecutionState | undefined> {
    return this.process.call("sfn", "DescribeExecution", () => this.workflow.finishStatus(ref, attempt));
  }
}
