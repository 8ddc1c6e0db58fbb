import type { Mutant } from "./mutants";

/** Why no assertion notices some mutants, and none should. */
export interface Excuse {
  readonly reason: string;
  readonly excuses: (mutant: Mutant) => boolean;
}

/** The most that may be excused, as a share of all mutants. */
export const MAXIMUM_EXCUSED_SHARE = 0.02;

const changed =
  (path: RegExp) =>
  ({ mutation, path: at }: Mutant) =>
    mutation === "changed" && path.test(at);

export const EXCUSES: readonly Excuse[] = [
  {
    reason: "the wording of a description, for people; that there is one is asserted",
    excuses: changed(/^(alarm_)?description$/),
  },
  {
    reason: "the name of a statement, for people; that each has one of its own in AWS's form is asserted",
    excuses: changed(/^policy#Statement\.\d+\.Sid$/),
  },
];
