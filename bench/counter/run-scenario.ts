import { stat } from "node:fs/promises";
import type { BenchRun } from "../bench-run";
import { ratioOf, rounded, spreadOf, type Spread } from "../measured/statistics";
import { outputOf, timedRun, type Output, type Timing } from "../measured/timed";
import { textFile } from "../texts/text-file";
import { TEXTS } from "../texts/texts";
import { COUNTERS, type Counter, type CounterName, type LeftOut } from "./programs";
import type { CounterScenario } from "./scenarios";

export interface CounterFigures {
  readonly program: string;
  readonly text: string;
  readonly textBytes: number;
  /** Lines that it puts out: words, for all that put out words. */
  readonly lines: number;
  readonly cpuSeconds: Spread;
  readonly wallSeconds: Spread;
  /** CPU time of our counter on the scenario's text, divided by this program's: `ratioOf`. */
  readonly oursAgainstIt: number;
  readonly runs: readonly Timing[];
}

export interface CounterReport {
  readonly kind: "counter";
  readonly scenario: string;
  readonly description: string;
  readonly figures: readonly CounterFigures[];
  readonly leftOut: readonly LeftOut[];
}

/** Two programs with the same words put out others. */
export class DifferentWordsError extends Error {
  public override readonly name = "DifferentWordsError";
  public constructor(ours: Output, program: string, theirs: Output) {
    super(
      `'${program}' finds other words than our counter: ${theirs.lines} lines (SHA-256 ${theirs.sha256}) instead of ${ours.lines} (${ours.sha256})`,
    );
  }
}

/** A program on a text. */
interface Entrant {
  readonly counter: Counter;
  readonly label: string;
  readonly file: string;
  readonly output: Output;
}

/**
 * Runs every program of a scenario once to see what it puts out, which also fills the caches, and then all of them in turn, `runs` times.
 * Each round begins with the next one, so that none always follows the same.
 *
 * @throws DifferentWordsError, MeasuredProgramError, TextPackageError
 */
export async function runCounterScenario(name: string, scenario: CounterScenario, run: BenchRun): Promise<CounterReport> {
  const { entrants, leftOut } = await entrantsOf(scenario, run);
  const timings = new Map<Entrant, Timing[]>(entrants.map((entrant) => [entrant, []]));
  for (let round = 0; round < run.runs; round += 1) {
    for (let turn = 0; turn < entrants.length; turn += 1) {
      const entrant = entrants[(round + turn) % entrants.length];
      if (entrant === undefined) continue;
      timings.get(entrant)?.push(await timedRun(entrant.counter.on(entrant.file), run.signal));
    }
    run.tell(`${name}: run ${round + 1} of ${run.runs}`);
  }
  const [first] = entrants;
  const ours = cpuOf((first === undefined ? undefined : timings.get(first)) ?? []);
  const figures = await Promise.all(
    entrants.map(async (entrant) => figuresOf(entrant, (await stat(entrant.file)).size, timings.get(entrant) ?? [], ours)),
  );
  return { kind: "counter", scenario: name, description: scenario.description, figures, leftOut };
}

/** Ours on the scenario's text is the first. */
async function entrantsOf(scenario: CounterScenario, run: BenchRun): Promise<{ entrants: Entrant[]; leftOut: LeftOut[] }> {
  const entrants: Entrant[] = [];
  const leftOut: LeftOut[] = [];
  const files = new Map<string, string>();
  const enter = async (name: CounterName, text: CounterScenario["text"]): Promise<void> => {
    const counter = await COUNTERS[name](run);
    if ("leftOut" in counter) {
      leftOut.push(counter);
      return;
    }
    run.tell(`${name} on the text '${text}'`);
    const file = files.get(text) ?? (text === "given" ? run.givenText() : await textFile(TEXTS[text], run.folder, run.signal));
    files.set(text, file);
    const output = await outputOf(counter.on(file), run.signal);
    const [ours] = entrants;
    if (ours?.file === file && counter.hasOurWords && output.sha256 !== ours.output.sha256)
      throw new DifferentWordsError(ours.output, name, output);
    entrants.push({ counter, label: text, file, output });
  };
  await enter("ours", scenario.text);
  for (const name of scenario.against) await enter(name, scenario.text);
  for (const text of scenario.alsoOn ?? []) await enter("ours", text);
  return { entrants, leftOut };
}

const cpuOf = (timings: readonly Timing[]): number[] => timings.map(({ cpuSeconds }) => cpuSeconds);

const figuresOf = (
  { counter, label, output }: Entrant,
  textBytes: number,
  timings: readonly Timing[],
  ours: readonly number[],
): CounterFigures => ({
  program: counter.name,
  text: label,
  textBytes,
  lines: output.lines,
  cpuSeconds: spreadOf(cpuOf(timings)),
  wallSeconds: spreadOf(timings.map(({ wallSeconds }) => wallSeconds)),
  oursAgainstIt: ratioOf(ours, cpuOf(timings)),
  runs: timings.map(({ cpuSeconds, wallSeconds }) => ({ cpuSeconds: rounded(cpuSeconds), wallSeconds: rounded(wallSeconds) })),
});
