import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { forgetAwsSettings } from "../kit/aws/forget-aws-settings";
import { onStopSignals, readSignalFacts } from "../kit/aws/stop-signals";
import { synthesizeLocal } from "../kit/cli/synthesize";
import { withTemporaryFolder } from "../kit/folders/process-folder";
import { startLocalStack } from "../kit/local";
import { SYSTEM_NAME } from "../systems/batch/contracts/names";
import { WORKERS } from "../systems/batch/processes";
import { batch } from "../systems/batch/system";
import { measure, type Measurement } from "./measure";
import { SCENARIOS, type Scenario } from "./scenarios";

const projectDirectory = path.resolve(__dirname, "..", "..");

/** Runs a scenario on a stack of its own, `runs` times after one that isn't counted, so that caches and Lambdas are warm. */
async function runScenario(name: string, scenario: Scenario, runs: number, signal: AbortSignal): Promise<void> {
  await withTemporaryFolder(tmpdir(), "filemill-bench-", async (directory) => {
    const texts = path.join(directory, "texts");
    const written = await scenario.write(texts);
    const outputDirectory = path.join(directory, "synth");
    const synthesis = { projectDirectory, outputDirectory, environment: process.env, signal, systems: [SYSTEM_NAME] };
    const { [SYSTEM_NAME]: stackFile = "" } = await synthesizeLocal(synthesis);
    const homeDirectory = path.join(projectDirectory, ".filemill", "bench-home");
    const options = { projectDirectory, homeDirectory, environment: process.env };
    const stack = await startLocalStack({
      ...options,
      systems: [{ system: batch, stackFile }],
      processes: { [WORKERS.name]: scenario.workers },
      signal,
    });
    try {
      const measured: Measurement[] = [];
      for (let run = 0; run <= runs; run += 1) {
        const measurement = await measure(stack, scenario, texts, written);
        if (run > 0) measured.push(measurement);
        process.stderr.write(`${name} ${run === 0 ? "warm-up" : `run ${run}`}: ${measurement.wallSeconds} s\n`);
      }
      const machine = { node: process.version, processors: availableParallelism() };
      process.stdout.write(`${JSON.stringify({ scenario: name, description: scenario.description, machine, runs: measured })}\n`);
    } finally {
      await stack.stop();
    }
  });
}

const names = Object.keys(SCENARIOS);

function scenarioNamed(name: string, chosen: readonly string[] = []): readonly string[] {
  if (SCENARIOS[name] === undefined) throw new InvalidArgumentError(`expected one of ${names.join(", ")}.`);
  return [...chosen, name];
}

forgetAwsSettings(process.env);
const program = new Command("bench")
  .description("runs named scenarios of the whole system and prints a line of JSON for each")
  .argument("[scenario...]", `scenarios: ${names.join(", ")} (default: all)`, scenarioNamed)
  .option("--runs <n>", "counted runs of each", (text) => Math.max(1, Number.parseInt(text, 10)), 3)
  .action(async (chosen: readonly string[], options: { runs: number }) => {
    const interrupted = new AbortController();
    onStopSignals(process, readSignalFacts(), () => {
      interrupted.abort(new Error("interrupted"));
    });
    for (const name of chosen.length === 0 ? names : chosen) {
      const scenario = SCENARIOS[name];
      if (scenario !== undefined) await runScenario(name, scenario, options.runs, interrupted.signal);
    }
  });

program.parseAsync().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
