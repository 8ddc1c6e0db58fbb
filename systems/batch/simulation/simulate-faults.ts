import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import Table from "cli-table3";
import { withTemporaryFolder } from "../../../kit/folders/process-folder";
import { FAULT_KINDS, type FaultCounts } from "../../../kit/simulator/kernel/faults";
import { SABOTAGES, type Sabotage } from "./sabotage/sabotages";
import type { EvaluatedStack } from "../../../kit/graph/evaluated-stack";
import { synthesizeStack } from "./world/synthesized-stack";
import type * as worlds from "./worlds";
import type { SeedOutcome } from "./world/run-seed";

export interface SimulateOptions {
  readonly seeds: number;
  readonly first: number;
  readonly seed?: number;
  readonly sabotage?: string;
}

export interface SimulateEnvironment {
  /** Holds dist/ and the sources. */
  readonly projectDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly out: NodeJS.WritableStream;
}

type Worlds = typeof worlds;

/** Stands for all sabotages, one after the other. */
const EVERY_SABOTAGE = "all";
/** Failing seeds that are shown with their command; more say nothing new. */
const SHOWN_FAILURES = 5;
/** Violations of one world that are shown: the first ones say most. */
const SHOWN_VIOLATIONS = 3;

/**
 * Lives through worlds and says what was found.
 *
 * @returns the exit code: 0 no violation, 1 violations, 2 wrong usage. With a sabotage it is the other way round: 0 says that it was caught
 */
export async function simulateFaults(options: SimulateOptions, context: SimulateEnvironment): Promise<number> {
  const { out } = context;
  if (options.sabotage === "list") {
    for (const { name, breaks } of SABOTAGES) out.write(`${name.padEnd(34)} ${breaks}\n`);
    return 0;
  }
  const sabotages = SABOTAGES.filter(({ name }) => options.sabotage === name || options.sabotage === EVERY_SABOTAGE);
  if (options.sabotage !== undefined && sabotages.length === 0) {
    out.write(`there is no sabotage '${options.sabotage}'; --sabotage list names them\n`);
    return 2;
  }
  const stack = await synthesizeStack(context.projectDirectory, context.environment);
  if (options.sabotage === undefined) {
    return withWorlds(context, undefined, (worlds) =>
      options.seed === undefined ? survey(worlds, options, stack, out) : replay(worlds, options.seed, stack, out),
    );
  }
  let uncaught = 0;
  for (const sabotage of sabotages) {
    uncaught += await withWorlds(context, sabotage, (worlds) =>
      options.seed === undefined ? hunt(worlds, options, sabotage, stack, out) : replay(worlds, options.seed, stack, out),
    );
  }
  return uncaught === 0 ? 0 : 1;
}

/** Loads the worlds: as built, or bundled anew with one rule switched off. */
export async function withWorlds<T>(
  { projectDirectory }: SimulateEnvironment,
  sabotage: Sabotage | undefined,
  use: (worlds: Worlds) => Promise<T>,
): Promise<T> {
  const load = (file: string): Worlds => createRequire(file)(file) as Worlds;
  if (sabotage === undefined) return use(load(path.join(projectDirectory, "dist", "simulator", "worlds.js")));
  return withTemporaryFolder(tmpdir(), "filemill-sabotage-", async (directory) => {
    const script = pathToFileURL(path.join(projectDirectory, "scripts", "build", "simulator-bundle.mjs")).href;
    const { bundleWorlds } = (await import(script)) as {
      bundleWorlds: (directory: string, patches: readonly Sabotage["patches"][number][]) => Promise<Uint8Array>;
    };
    const file = path.join(directory, "worlds.js");
    await writeFile(file, await bundleWorlds(projectDirectory, sabotage.patches));
    return use(load(file));
  });
}

async function replay({ runSeed: live }: Worlds, seed: number, stack: EvaluatedStack, out: NodeJS.WritableStream): Promise<number> {
  const outcome = await live(seed, stack, true);
  out.write(`seed ${seed} draws ${JSON.stringify(outcome.drawn, undefined, 2)}\n`);
  out.write(outcome.trace);
  out.write(`seed ${seed}: ${summaryOf(outcome)}\n`);
  return outcome.violations.length === 0 ? 0 : 1;
}

async function survey(
  { runSeed: live }: Worlds,
  { first, seeds }: SimulateOptions,
  stack: EvaluatedStack,
  out: NodeJS.WritableStream,
): Promise<number> {
  const faults: Record<string, { hits: number; worlds: number }> = {};
  const totals = { batches: 0, generations: 0, files: 0, virtualSeconds: 0 };
  let violations = 0;
  let failed = 0;
  const started = process.hrtime.bigint();
  for (let seed = first; seed < first + seeds; seed += 1) {
    const outcome = await live(seed, stack);
    addFaults(faults, outcome.faults);
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += outcome.counts[name];
    violations += outcome.violations.length;
    if (outcome.violations.length === 0) continue;
    failed += 1;
    if (failed <= SHOWN_FAILURES)
      out.write(`seed ${seed}: ${summaryOf(outcome)}\n  replay it: npm run simulate:faults -- --seed ${seed}\n`);
  }
  const minutes = Number(process.hrtime.bigint() - started) / 60e9;
  out.write(`${tableOf(faults)}\n`);
  out.write(
    `${totals.batches} batches, ${totals.generations} generations, ${totals.files} file states checked, ${Math.round(totals.virtualSeconds / 86_400)} days of virtual time\n`,
  );
  out.write(`${Math.round(seeds / minutes)} seeds a minute\n`);
  out.write(`${seeds} seeds, ${violations} violations\n`);
  return violations === 0 ? 0 : 1;
}

/** Looks for the first world that a sabotage breaks. */
async function hunt(
  { runSeed: live }: Worlds,
  { first, seeds }: SimulateOptions,
  { breaks, name, shownBy }: Sabotage,
  stack: EvaluatedStack,
  out: NodeJS.WritableStream,
): Promise<number> {
  const range = Array.from({ length: seeds }, (_, index) => first + index);
  const likely = range.filter((seed) => seed === shownBy);
  for (const seed of [...likely, ...range]) {
    const outcome = await live(seed, stack);
    if (outcome.violations.length === 0) continue;
    out.write(`sabotage '${name}' (${breaks}) is caught at seed ${seed}: ${summaryOf(outcome)}\n`);
    return 0;
  }
  out.write(`sabotage '${name}' (${breaks}) was not caught in ${seeds} seeds\n`);
  return 1;
}

function summaryOf({ violations }: SeedOutcome): string {
  if (violations.length === 0) return "no violation";
  const shown = violations.slice(0, SHOWN_VIOLATIONS).map(({ invariant, problem }) => `invariant ${invariant}: ${problem}`);
  const more = violations.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n  ");
}

function addFaults(sums: Record<string, { hits: number; worlds: number }>, counts: FaultCounts): void {
  for (const [kind, hits] of Object.entries(counts)) {
    const sum = (sums[kind] ??= { hits: 0, worlds: 0 });
    sum.hits += hits;
    sum.worlds += 1;
  }
}

function tableOf(sums: Readonly<Record<string, { hits: number; worlds: number }>>): string {
  const table = new Table({ head: ["fault", "hits", "worlds"], colAligns: ["left", "right", "right"], style: { head: [], border: [] } });
  for (const kind of FAULT_KINDS) table.push([kind, sums[kind]?.hits ?? 0, sums[kind]?.worlds ?? 0]);
  return table.toString();
}
