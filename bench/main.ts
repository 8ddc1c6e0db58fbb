import { access } from "node:fs/promises";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { forgetAwsSettings } from "../kit/aws/forget-aws-settings";
import { onStopSignals, readSignalFacts } from "../kit/aws/stop-signals";
import { makeFolders } from "../kit/folders/made-folders";
import { FixableError } from "../kit/lib/fixable-error";
import { prepareHome } from "../kit/local/home/home";
import { HOME_VARIABLE, locateHome } from "../kit/local/home/home-location";
import type { BenchRun } from "./bench-run";
import { runCounterScenario } from "./counter/run-scenario";
import { thisMachine } from "./measured/machine";
import { runPeerScenario } from "./peers/run-scenario";
import { machineLine, renderReport, type Report } from "./report";
import { NAMED_ONLY, SCENARIOS } from "./scenarios";
import { runWorkerScenario } from "./worker/run-scenario";
import { runSystemScenario } from "./system/run-scenario";

const projectDirectory = path.resolve(__dirname, "..", "..");
/** Beside what the local run keeps. */
const FOLDER = "bench";
const C_PROGRAM_VARIABLE = "BENCH_C_PROGRAM";
const GO_WORKER_VARIABLE = "BENCH_GO_WORKER";

const names = Object.keys(SCENARIOS);

function scenarioNamed(name: string, chosen: readonly string[] = []): readonly string[] {
  if (SCENARIOS[name] === undefined) throw new InvalidArgumentError(`expected one of ${names.join(", ")}.`);
  return [...chosen, name];
}

function runsOf(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 1 || runs > 1_000) throw new InvalidArgumentError("expected a whole number from 1 to 1000.");
  return runs;
}

interface Options {
  readonly runs: number;
  readonly json: boolean;
  readonly cProgram?: string;
  readonly goWorker?: string;
  readonly text?: string;
}

/** @throws FixableError when a file that is named is not there */
async function checkFile(option: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  await access(file).catch((error: unknown) => {
    throw new InvalidArgumentError(`${option} '${file}' can't be read (${error instanceof Error ? error.message : String(error)}).`);
  });
}

async function bench(chosen: readonly string[], { cProgram, goWorker: givenWorker, json, runs, text }: Options): Promise<void> {
  const interrupted = new AbortController();
  onStopSignals(process, readSignalFacts(), () => {
    interrupted.abort(new Error("interrupted"));
  });
  const publishedC = cProgram ?? process.env[C_PROGRAM_VARIABLE];
  const goWorker = givenWorker ?? process.env[GO_WORKER_VARIABLE];
  await checkFile("--c-program", publishedC);
  await checkFile("--go-worker", goWorker);
  await checkFile("--text", text);
  if (text === undefined && chosen.some((name) => NAMED_ONLY.includes(name)))
    throw new InvalidArgumentError(`name the text for ${NAMED_ONLY.join(", ")} with --text FILE.`);
  const folder = path.join(await prepareHome(locateHome(process.env[HOME_VARIABLE], projectDirectory, process.cwd())), FOLDER);
  await makeFolders(folder);
  const run: BenchRun = {
    projectDirectory,
    folder,
    publishedC,
    goWorker,
    runs,
    signal: interrupted.signal,
    tell: (line) => process.stderr.write(`${line}\n`),
    givenText: () => path.resolve(text ?? ""),
  };
  const machine = thisMachine();
  if (!json) process.stdout.write(`${machineLine(machine)}\n`);
  for (const name of chosen.length === 0 ? names.filter((each) => !NAMED_ONLY.includes(each)) : chosen) {
    const report = await reportOf(name, run);
    process.stdout.write(json ? `${JSON.stringify({ machine, ...report })}\n` : `\n${renderReport(report)}\n`);
  }
}

function reportOf(name: string, run: BenchRun): Promise<Report> {
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new RangeError(`no scenario is called '${name}'`);
  switch (scenario.kind) {
    case "system":
      return runSystemScenario(name, scenario, run);
    case "counter":
      return runCounterScenario(name, scenario, run);
    case "peers":
      return runPeerScenario(name, scenario, run);
    case "worker":
      return runWorkerScenario(name, scenario, run);
  }
}

forgetAwsSettings(process.env);
const program = new Command("bench")
  .description("measures named scenarios: the whole system on a local stack, and our counter beside others (bench/README.md)")
  .argument("[scenario...]", `scenarios: ${names.join(", ")} (default: all but ${NAMED_ONLY.join(", ")})`, scenarioNamed)
  .option("--runs <n>", "counted runs of each, in turn", runsOf, 3)
  .option("--json", "a line of JSON for each scenario, with all runs, instead of tables", false)
  .option("--c-program <path>", `the published C program, built; or in the variable ${C_PROGRAM_VARIABLE}`)
  .option("--go-worker <path>", `the Go sample worker, built; or in the variable ${GO_WORKER_VARIABLE}`)
  .option("--text <file>", "a text of your own, for count-file")
  .action(bench);

program.parseAsync().then(
  () => process.exit(0),
  (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const told =
      error instanceof FixableError ? `${error.message}; ${error.fix}` : error instanceof InvalidArgumentError ? error.message : text;
    process.stderr.write(`${told}\n`);
    process.exit(1);
  },
);
