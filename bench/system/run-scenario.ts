import path from "node:path";
import type { BenchRun } from "../bench-run";
import { spreadOf, type Spread } from "../measured/statistics";
import { withBenchStack } from "./bench-stack";
import { measure, type Measurement } from "./measure";
import type { SystemScenario } from "./scenarios";

export interface SystemReport {
  readonly kind: "system";
  readonly scenario: string;
  readonly description: string;
  readonly wallSeconds: Spread;
  /** Of the emulator, the workers, the Lambdas and the command together. */
  readonly cpuSeconds: Spread;
  readonly callsPerFile: Spread;
  readonly runs: readonly Measurement[];
}

/** Runs a scenario on a stack of its own, `runs` times after one that isn't counted, so that caches and Lambdas are warm. */
export const runSystemScenario = (name: string, scenario: SystemScenario, run: BenchRun): Promise<SystemReport> =>
  withBenchStack(scenario.workers, run, async ({ directory, stack }) => {
    const texts = path.join(directory, "texts");
    const written = await scenario.write(texts);
    const measured: Measurement[] = [];
    for (let round = 0; round <= run.runs; round += 1) {
      const measurement = await measure(stack, scenario, texts, written);
      if (round > 0) measured.push(measurement);
      run.tell(`${name}: ${round === 0 ? "a run to warm up" : `run ${round} of ${run.runs}`}, ${measurement.wallSeconds} s`);
    }
    return {
      kind: "system",
      scenario: name,
      description: scenario.description,
      wallSeconds: spreadOf(measured.map(({ wallSeconds }) => wallSeconds)),
      cpuSeconds: spreadOf(
        measured.map(({ cpuSeconds: { command, emulator, lambdas, workers } }) => command + emulator + lambdas + workers),
      ),
      callsPerFile: spreadOf(measured.map(({ callsPerFile }) => callsPerFile)),
      runs: measured,
    };
  });
