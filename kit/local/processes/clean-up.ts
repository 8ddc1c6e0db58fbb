/** What must be undone, last first. Runs once, however often and from wherever it is asked for. */
export class CleanUp {
  private readonly steps: (() => Promise<void>)[] = [];
  private running: Promise<void> | undefined;

  public add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** @throws AggregateError with every step's failure, after all were tried */
  public run(): Promise<void> {
    this.running ??= this.runSteps();
    return this.running;
  }

  private async runSteps(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several parts of the local stack could not be stopped");
  }
}
