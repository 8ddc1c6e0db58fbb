import type { Environment } from "../assertions/assertions";
import type { Mutant } from "./mutants";

/** Why no assertion notices some mutants, and none should. */
export interface Excuse {
  readonly reason: string;
  readonly excuses: (mutant: Mutant, environment: Environment) => boolean;
}

/** The most that may be excused, as a share of all mutants. */
export const MAXIMUM_EXCUSED_SHARE = 0.02;

export const EXCUSES: readonly Excuse[] = [];
