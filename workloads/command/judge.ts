import { isDiskFull, DiskFullError } from "../programs/used-disk";
import type { ProgramEnd, ProgramRun } from "../programs/run-program";
import type { LimitName } from "../programs/stopper";
import type { RunFolder } from "../programs/run-folder";
import { BadOutputError, collectOutputs } from "../results/collect-outputs";
import { resultProblem, type Json } from "../results/json-result";
import { MAXIMUM_RESULT_BYTES, TryAgainLaterError, WorkloadUnusableError, type Worked } from "../workload";
import { codeText, meaningOf } from "./exit-codes";
import { printedResult } from "./printed-result";

export interface RunFacts {
  readonly folder: RunFolder;
  /** Outputs are moved to below this folder. */
  readonly keepBelow: string;
  readonly exec: string;
  /** Nothing is tried again after this one. */
  readonly isLast: boolean;
}

const LIMITS: Readonly<Record<LimitName, string>> = {
  time: "it ran longer than its time limit and was ended",
  memory: "it took more memory than its limit and was killed",
  disk: "it wrote more to the disk than its limit and was killed",
  output: `it printed more than ${MAXIMUM_RESULT_BYTES} bytes and was killed; put what is long into a file below {out}`,
};

/**
 * What a run comes to.
 *
 * @returns `again` when it may have been an accident
 * @throws TryAgainLaterError, WorkloadUnusableError; DiskFullError when that is why it failed
 */
export async function judge(run: ProgramRun, facts: RunFacts): Promise<Worked<Json> | "again"> {
  const { end } = run;
  if (end.kind === "not-started") throw new WorkloadUnusableError(`the command '${facts.exec}' can't be started: ${end.problem}${END_FIX}`);
  const meaning = end.kind === "exited" ? meaningOf(end.code) : "unclear";
  if (meaning === "processed") return processed(run, facts);
  const text = saying(endText(end), run.complaint);
  if (meaning === "later") throw new TryAgainLaterError(text);
  if (meaning === "unusable") throw new WorkloadUnusableError(`the command '${facts.exec}' can't do any file: ${text}`);
  if (await isDiskFull(facts.folder.path)) throw new DiskFullError(facts.folder.path);
  if (meaning === "unclear" && end.kind !== "stopped" && !facts.isLast) return "again";
  return failed(text);
}

const END_FIX = "; name a program that the machine has, or bring it along in an archive";

async function processed({ output }: ProgramRun, { folder, keepBelow }: RunFacts): Promise<Worked<Json>> {
  const result = printedResult(output);
  const problem = resultProblem(result);
  if (problem !== undefined) return failed(problem);
  try {
    const isEmpty = (await collectOutputs(folder.out)).length === 0;
    if (isEmpty) return { status: "processed", result };
    return { status: "processed", result, outputs: await collectOutputs(await folder.keepOutputs(keepBelow)) };
  } catch (error) {
    if (error instanceof BadOutputError) return failed(error.message);
    throw error;
  }
}

const failed = (detail: string): Worked<Json> => ({ status: "quarantined", reason: "workload-error", detail });

const saying = (text: string, complaint: string): string => (complaint === "" ? text : `${text}: ${complaint}`);

function endText(end: Exclude<ProgramEnd, { readonly kind: "not-started" }>): string {
  if (end.kind === "exited") return codeText(end.code);
  return end.kind === "killed" ? `killed by ${end.signal}` : LIMITS[end.limit];
}
