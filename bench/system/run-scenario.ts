import { tmpdir } from "node:os";
import path from "node:path";
import { synthesizeLocal } from "../../kit/cli/synthesize";
import { withTemporaryFolder } from "../../kit/folders/process-folder";
import { startLocalStack } from "../../kit/local";
import { SYSTEM_NAME } from "../../systems/batch/contracts/names";
import { WORKERS } from "../../systems/batch/processes";
import { batch } from "../../systems/batch/system";
import type { BenchRun } from "../bench-run";
import { spreadOf, type Spread } from "../measured/statistics";
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
export async function runSystemScenario(name: string, scenario: SystemScenario, run: BenchRun): Promise<SystemReport> {
  const { projectDirectory, signal } = run;
  return withTemporaryFolder(tmpdir(), "filemill-bench-", async (directory) => {
    const texts = path.join(directory, "texts");
    const written = await scenario.write(texts);
    const outputDirectory = path.join(directory, "synth");
    const synthesis = { projectDirectory, outputDirectory, environment: process.env, signal, systems: [SYSTEM_NAME] };
    const { [SYSTEM_NAME]: stackFile = "" } = await synthesizeLocal(synthesis);
    const homeDirectory = path.join(projectDirectory, ".filemill", "bench-home");
    const stack = await startLocalStack({
      projectDirectory,
      homeDirectory,
      environment: process.env,
      systems: [{ system: batch, stackFile }],
      processes: { [WORKERS.name]: scenario.workers },
      signal,
    });
    try {
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
    } finally {
      await stack.stop();
    }
  });
}
