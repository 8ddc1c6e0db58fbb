import { StackNotSynthesizedError, SynthesisFailedError, synthesizeStacks, type SynthesisOptions } from "../graph/synthesize-stacks";
import { tellsOfFullDisk } from "../local";
import { RunFailedError } from "./command-errors";

/** What a local run is made from, but for those that try out another one's fleet. */
const ENVIRONMENT = "local";

/** The disk was full; who knows what the folder belongs to says so by name. */
export class SynthesisDiskFullError extends Error {
  public override readonly name = "SynthesisDiskFullError";
  public readonly code = "ENOSPC";
  public constructor(outputDirectory: string, complaint: string) {
    super(`the disk is full: the synthesis could not write to '${outputDirectory}'`, { cause: new Error(complaint) });
  }
}

/**
 * Synthesizes systems, as synthesizeStacks. In the environment `local`, unless another one is named.
 *
 * @throws RunFailedError, SynthesisDiskFullError
 */
export async function synthesizeLocal(
  options: Omit<SynthesisOptions, "environmentName"> & Partial<Pick<SynthesisOptions, "environmentName">>,
): ReturnType<typeof synthesizeStacks> {
  try {
    return await synthesizeStacks({ environmentName: ENVIRONMENT, ...options });
  } catch (error) {
    if (error instanceof SynthesisFailedError && tellsOfFullDisk(error.complaint))
      throw new SynthesisDiskFullError(options.outputDirectory, error.complaint);
    if (error instanceof SynthesisFailedError || error instanceof StackNotSynthesizedError)
      throw new RunFailedError(error.message, error.fix, { cause: error.cause });
    throw error;
  }
}
