/** Some runs in a few numbers. */
export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: rounded((at(Math.floor(middle)) + at(Math.ceil(middle))) / 2),
    minimum: rounded(at(0)),
    maximum: rounded(at(sorted.length - 1)),
  };
}

/**
 * How many times as much one takes as another: the median of the quotients of runs that followed each other, so that what else the machine
 * does meanwhile falls on both.
 */
export const ratioOf = (ours: readonly number[], theirs: readonly number[]): number =>
  spreadOf(ours.map((value, run) => value / (theirs[run] ?? Number.NaN))).median;

/** To a thousandth: times are measured no finer. */
export const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
