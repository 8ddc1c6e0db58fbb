import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { WrittenFile } from "../../__tests__/support/data-sets";
import { forEachConcurrently } from "../../kit/lib/for-each-concurrently";
import type { LocalStack } from "../../kit/local";
import type { BenchRun } from "../bench-run";
import type { LeftOut } from "../counter/programs";
import { ratioOf, spreadOf, type Spread } from "../measured/statistics";
import { withBenchStack } from "../system/bench-stack";
import { servicesOf } from "../system/local-batch";
import { StandIn } from "./given-environment";
import type { WorkerScenario } from "./scenarios";
import { runWorkerProgram, type WorkerProgram, type WorkerRun } from "./worker-run";

export interface WorkerFigures {
  readonly program: string;
  readonly cpuSeconds: Spread;
  readonly wallSeconds: Spread;
  readonly callsPerFile: Spread;
  /** Our CPU time divided by its: the median of runs that followed each other. */
  readonly oursAgainstIt: number;
  readonly runs: readonly WorkerRun[];
}

export interface WorkerReport {
  readonly kind: "worker";
  readonly scenario: string;
  readonly description: string;
  readonly files: number;
  readonly figures: readonly WorkerFigures[];
  readonly leftOut: readonly LeftOut[];
}

const LOOK_MILLISECONDS = 100;
const UPLOADS_AT_ONCE = 8;
/** One event for each file has come, or the emulator has lost one. */
const EVENTS_WITHIN_MILLISECONDS = 60_000;

/** Lets each worker count the same files in turn, `runs` times after one that isn't counted. */
export const runWorkerScenario = async (name: string, scenario: WorkerScenario, run: BenchRun): Promise<WorkerReport> => {
  const { goWorker, projectDirectory, signal } = run;
  let standIn: StandIn | undefined;
  const programFiles = async (directory: string): Promise<Record<string, string>> => {
    standIn = await StandIn.in(directory, projectDirectory);
    return { worker: standIn.program };
  };
  return withBenchStack(
    1,
    run,
    async ({ directory, stack }) => {
      if (standIn === undefined) throw new Error("the stack was started without its stand-in");
      const given = await standIn.environment(signal);
      const folder = path.join(directory, "files");
      const files = await scenario.write(folder);
      const programs: WorkerProgram[] = [
        { name: "ours", command: [process.execPath, path.join(projectDirectory, "dist", "worker", "main.js")] },
        ...(goWorker === undefined ? [] : [{ name: "Go sample", command: [path.resolve(goWorker)] }]),
      ];
      if (goWorker !== undefined) await access(goWorker);
      const outcomes = new Map<WorkerProgram, WorkerRun[]>(programs.map((program) => [program, []]));
      for (let round = 0; round <= run.runs; round += 1) {
        // each round begins with another one
        const turn = round % programs.length;
        for (const program of [...programs.slice(turn), ...programs.slice(0, turn)]) {
          await announce(stack, folder, files, `${program.name.replaceAll(/\W/g, "-")}-${round}/`, signal);
          const outcome = await runWorkerProgram(stack, program, given, { directory, files: files.length, signal });
          await servicesOf(stack).loadTest.results.purge();
          if (round > 0) outcomes.get(program)?.push(outcome);
          run.tell(
            `${name}: ${program.name}, ${round === 0 ? "a run to warm up" : `run ${round} of ${run.runs}`}: ${outcome.cpuSeconds} CPU s, ${outcome.wallSeconds.toFixed(2)} s`,
          );
        }
      }
      const ours = programs[0] === undefined ? [] : (outcomes.get(programs[0]) ?? []);
      const leftOut = {
        name: "Go sample",
        leftOut: "left out: name it with --go-worker PATH (bench/README.md says where it is and how to build it)",
      };
      return {
        kind: "worker",
        scenario: name,
        description: scenario.description,
        files: files.length,
        figures: programs.map((program) => figuresOf(program, outcomes.get(program) ?? [], ours)),
        leftOut: goWorker === undefined ? [leftOut] : [],
      };
    },
    programFiles,
  );
};

function figuresOf(program: WorkerProgram, runs: readonly WorkerRun[], ours: readonly WorkerRun[]): WorkerFigures {
  const cpuOf = (of: readonly WorkerRun[]): number[] => of.map(({ cpuSeconds }) => cpuSeconds);
  return {
    program: program.name,
    cpuSeconds: spreadOf(cpuOf(runs)),
    wallSeconds: spreadOf(runs.map(({ wallSeconds }) => wallSeconds)),
    callsPerFile: spreadOf(runs.map(({ callsPerFile }) => callsPerFile)),
    oursAgainstIt: ratioOf(cpuOf(ours), cpuOf(runs)),
    runs,
  };
}

/** Puts the files where each raises an event, and waits until all of those lie in the queue. */
async function announce(
  stack: LocalStack,
  folder: string,
  files: readonly WrittenFile[],
  prefix: string,
  signal: AbortSignal,
): Promise<void> {
  const { loadTest, objects, outputs } = servicesOf(stack);
  // S3's test event, at first
  await loadTest.jobs.purge();
  await forEachConcurrently(files, UPLOADS_AT_ONCE, async ({ name }) => {
    await objects.put(outputs.processing_bucket, prefix + name, await readFile(path.join(folder, name)));
  });
  const until = performance.now() + EVENTS_WITHIN_MILLISECONDS;
  for (;;) {
    const { visible } = await loadTest.jobs.read();
    if (visible === files.length) return;
    signal.throwIfAborted();
    if (performance.now() > until) throw new Error(`${visible} events lie in the queue, not ${files.length}`);
    await wait(LOOK_MILLISECONDS);
  }
}
