/** A run that was measured, and how long it takes by a rate. */
export interface MeasuredRun {
  readonly publishedSeconds: number;
  /** Grows with the seconds per file. */
  readonly secondsAt: (secondsPerFile: number) => number;
}

const LEAST_SECONDS = 0.001;
const MOST_SECONDS = 10_000;
/** Halvings of the range: ten million times narrower than a millisecond. */
const HALVINGS = 60;

/**
 * The seconds per file at which the worst of several runs is least wrong: one is as much too long as another is too short. Of a single run:
 * at which it is right.
 */
export function fitSecondsPerFile(runs: readonly MeasuredRun[]): number {
  const imbalance = (secondsPerFile: number): number => {
    const errors = runs.map(({ publishedSeconds, secondsAt }) => secondsAt(secondsPerFile) / publishedSeconds - 1);
    return Math.max(...errors) + Math.min(...errors);
  };
  let [low, high] = [LEAST_SECONDS, MOST_SECONDS];
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = Math.sqrt(low * high);
    if (imbalance(middle) < 0) low = middle;
    else high = middle;
  }
  return high;
}
