import {
  MAXIMUM_RESULT_BYTES,
  type LocalOutput,
  type Merge,
  type Session,
  type SplitPartial,
  type WorkContext,
  type Worked,
  type WorkSource,
} from "./workload";
import { MAXIMUM_OUTPUTS, outputNameProblem } from "./results/output-names";

/** A workload made something that its own schema doesn't take. */
export class WorkloadResultError extends Error {
  public override readonly name = "WorkloadResultError";
}

/** What a workload's own schemas say; both throw WorkloadResultError. */
export interface Checks {
  checkResult(result: unknown): unknown;
  checkTotal(total: unknown): unknown;
}

/** Holds what a workload gives to its own promises: whatever it is that breaks them is its file's outcome. */
export class CheckedSession implements Session<unknown> {
  public constructor(
    private readonly session: Session<unknown>,
    private readonly checks: Checks,
  ) {}

  public async work(source: WorkSource, context: WorkContext): Promise<Worked<unknown>> {
    const worked = await this.session.work(source, context);
    if (worked.status !== "processed") return worked;
    const wrong = this.wrongWith(worked.result) ?? outputProblem(worked.outputs ?? []);
    if (wrong === undefined) return worked;
    await worked.partial?.dispose();
    return { status: "quarantined", reason: "workload-error", detail: wrong };
  }

  public dispose(): Promise<void> {
    return this.session.dispose();
  }

  private wrongWith(result: unknown): string | undefined {
    const text = JSON.stringify(result) as string | undefined;
    if (text === undefined) return "it gave no result that JSON can say";
    const bytes = Buffer.byteLength(text);
    if (bytes > MAXIMUM_RESULT_BYTES)
      return `its result has ${bytes} bytes as JSON; ${MAXIMUM_RESULT_BYTES} are possible: write what is bigger as an output`;
    try {
      this.checks.checkResult(result);
      return undefined;
    } catch (error) {
      if (error instanceof WorkloadResultError) return error.message;
      throw error;
    }
  }
}

export class CheckedMerge implements Merge<unknown, unknown> {
  public constructor(
    private readonly merge: Merge<unknown, unknown>,
    private readonly checks: Checks,
  ) {}

  public add(partial: SplitPartial): Promise<void> {
    return this.merge.add(partial);
  }
  public addSection(section: AsyncIterable<Uint8Array>): Promise<void> {
    return this.merge.addSection(section);
  }
  public section(): AsyncIterable<string | Uint8Array> {
    return this.merge.section();
  }
  public async join(results: readonly unknown[]): Promise<unknown> {
    return this.checks.checkResult(await this.merge.join(results));
  }
  public addResult(result: unknown): void {
    this.merge.addResult(result);
  }
  public async total(): Promise<unknown> {
    return this.checks.checkTotal(await this.merge.total());
  }
  public dispose(): Promise<void> {
    return this.merge.dispose();
  }
}

/** @returns what is wrong with a file's outputs, or nothing */
function outputProblem(outputs: readonly LocalOutput[]): string | undefined {
  if (outputs.length > MAXIMUM_OUTPUTS) return `it has ${outputs.length} outputs; ${MAXIMUM_OUTPUTS} are possible: pack them into one`;
  const seen = new Set<string>();
  for (const { name } of outputs) {
    const problem = outputNameProblem(name);
    if (problem !== undefined) return `its output ${JSON.stringify(name)}: ${problem}`;
    if (seen.has(name)) return `it has two outputs named '${name}'`;
    seen.add(name);
  }
  return undefined;
}
