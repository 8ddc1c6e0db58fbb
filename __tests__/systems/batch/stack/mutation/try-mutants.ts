import type { Assertions, Environment } from "../assertions/assertions";
import type { Excuse } from "./excuses";
import { mutantsOf, type Mutant } from "./mutants";

export interface Tally {
  readonly mutants: number;
  readonly noticed: number;
  readonly excused: ReadonlyMap<Excuse, number>;
  /** Nothing that is asserted noticed them. */
  readonly survivors: readonly Mutant[];
}

export interface TryOptions {
  readonly assertions: readonly Assertions[];
  readonly excuses: readonly Excuse[];
  /** Which mutants are tried. @default all */
  readonly chosen?: (mutant: Mutant, index: number) => boolean;
}

/**
 * Changes the stack in one place after the other, and looks each time whether an assertion fails. The stack is as before afterwards.
 *
 * @throws Error when an assertion fails on the unchanged stack: then it would notice everything
 */
export function tryMutants(environment: Environment, { assertions, excuses, chosen = () => true }: TryOptions): Tally {
  const complaint = complaintOf(environment, assertions);
  if (complaint !== undefined) throw new Error("an assertion fails on the unchanged stack", { cause: complaint.error });
  const excused = new Map<Excuse, number>();
  const survivors: Mutant[] = [];
  // whoever noticed the last one notices the next most often
  const order = [...assertions];
  let [mutants, noticed] = [0, 0];
  for (const mutant of indexed(mutantsOf(environment.stack), chosen)) {
    mutants += 1;
    mutant.apply();
    const found = complaintOf(environment, order);
    mutant.undo();
    if (found !== undefined) {
      noticed += 1;
      order.unshift(...order.splice(order.indexOf(found.by), 1));
      continue;
    }
    const excuse = excuses.find(({ excuses: matches }) => matches(mutant));
    if (excuse === undefined) survivors.push(mutant);
    else excused.set(excuse, (excused.get(excuse) ?? 0) + 1);
  }
  return { mutants, noticed, excused, survivors };
}

function* indexed(all: Iterable<Mutant>, chosen: (mutant: Mutant, index: number) => boolean): Generator<Mutant> {
  let index = 0;
  for (const mutant of all) {
    if (chosen(mutant, index)) yield mutant;
    index += 1;
  }
}

/** The first assertions that don't hold. */
function complaintOf(environment: Environment, all: readonly Assertions[]): { by: Assertions; error: unknown } | undefined {
  for (const by of all) {
    try {
      for (const { check } of by.of(environment)) check();
    } catch (error) {
      return { by, error };
    }
  }
  return undefined;
}
