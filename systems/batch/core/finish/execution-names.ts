import { batchIdSchema, type GenerationRef } from "../../contracts/batch";
import { executionName, finishExecutionName } from "../../contracts/state-keys";

/** What an execution of the machine is, by its name. `attempt` is absent for the one that does the work. */
export interface NamedExecution {
  readonly ref: GenerationRef;
  readonly attempt?: number;
}

/**
 * Reads `<batchId>-g<generation>` and `<batchId>-g<generation>-finish[-<attempt>]`, the inverse of systems/batch/contracts/state-keys.
 *
 * @returns undefined for a name that is none of ours, such as one that somebody started by hand
 */
export function parseExecutionName(name: string): NamedExecution | undefined {
  const [, batchId = "", generation = "", finish, attempt = "0"] = /^([^-]+)-g(\d{1,9})(-finish(?:-(\d{1,9}))?)?$/.exec(name) ?? [];
  if (!batchIdSchema.safeParse(batchId).success) return undefined;
  const ref = { batchId, generation: Number(generation) };
  const parsed = finish === undefined ? { ref } : { ref, attempt: Number(attempt) };
  // one way to write each name: no leading zeros, no "-finish-0", no generation 0
  const canonical = parsed.attempt === undefined ? executionName(ref) : finishExecutionName(ref, parsed.attempt);
  return canonical === name && ref.generation >= 1 ? parsed : undefined;
}
