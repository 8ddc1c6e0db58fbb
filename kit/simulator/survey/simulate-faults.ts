import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import Table from "cli-table3";
import { withTemporaryFolder } from "../../../kit/folders/process-folder";
import { FAULT_KINDS, type FaultCounts, type FaultKind } from "../../../kit/simulator/kernel/faults";
import type { EvaluatedStack } from "../../../kit/graph/evaluated-stack";
import type { Sabotage } from "./sabotage";
import { setVariables } from "../../../kit/lib/set-variables";
import type { SeedOutcome, SimulateEnvironment, SystemSimulation, Worlds } from "./simulation";
import { synthesizeStack } from "./synthesized-stack";

export interface SimulateOptions {
  readonly seeds: number;
  readonly first: number;
  readonly seed?: number;
  readonly sabotage?: string;
  /** Whose stack the worlds run. @default ENVIRONMENT of synthesized-stack.ts */
  readonly environment?: string;
}

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
export async function simulateFaults(
  simulation: SystemSimulation,
  options: SimulateOptions,
  context: SimulateEnvironment,
): Promise<number> {
  const { out } = context;
  const { modeVariables, system } = simulation;
  if (options.sabotage === "list") {
    for (const { name, breaks } of simulation.sabotages) out.write(`${name.padEnd(34)} ${breaks}\n`);
    return 0;
  }
  const sabotages = simulation.sabotages.filter(({ name }) => options.sabotage === name || options.sabotage === EVERY_SABOTAGE);
  if (options.sabotage !== undefined && sabotages.length === 0) {
    out.write(`there is no sabotage '${options.sabotage}'; --sabotage list names them\n`);
    return 2;
  }
  const { environment } = options;
  if (environment !== undefined && !simulation.environments.includes(environment)) {
    out.write(`the system ${system} has no environment '${environment}'; it has ${simulation.environments.join(", ")}\n`);
    return 2;
  }
  const variables = setVariables(modeVariables, context.environment);
  const where = environment === undefined ? "" : ` --environment ${environment}`;
  const named = environment === undefined ? {} : { environmentName: environment };
  const stack = await synthesizeStack(system, context, { ...named, variables });
  if (options.sabotage === undefined) {
    return withWorlds(system, context, undefined, (worlds) =>
      options.seed === undefined
        ? survey(
            worlds,
            { ...options, again: `${shellTextOf(variables)}npm run simulate:faults -- --system ${system}${where}` },
            stack,
            out,
          )
        : replay(worlds, options.seed, stack, out),
    );
  }
  let uncaught = 0;
  for (const sabotage of sabotages) {
    const own = { ...variables, ...sabotage.variables };
    const as = sabotage.variables === undefined ? stack : await synthesizeStack(system, context, { ...named, variables: own });
    const deployed = sabotage.deploys?.(as) ?? as;
    uncaught += await withWorlds(system, context, sabotage, (worlds) =>
      options.seed === undefined
        ? hunt(worlds, options, sabotage, deployed, out)
        : replay(worlds, options.seed, deployed, out, sabotage.provokedBy),
    );
  }
  return uncaught === 0 ? 0 : 1;
}

/** Loads a system's worlds: as built, or bundled anew with one rule switched off. */
export async function withWorlds<T>(
  system: string,
  { projectDirectory }: SimulateEnvironment,
  sabotage: Sabotage | undefined,
  use: (worlds: Worlds) => Promise<T>,
): Promise<T> {
  const load = (file: string): Worlds => createRequire(file)(file) as Worlds;
  if (sabotage === undefined) return use(load(path.join(projectDirectory, "dist", "simulator", system, "worlds.js")));
  return withTemporaryFolder(tmpdir(), "filemill-sabotage-", async (directory) => {
    const script = pathToFileURL(path.join(projectDirectory, "scripts", "build", "simulator-bundle.mjs")).href;
    const { bundleWorlds } = (await import(script)) as {
      bundleWorlds: (directory: string, system: string, patches: readonly Sabotage["patches"][number][]) => Promise<Uint8Array>;
    };
    const file = path.join(directory, "worlds.js");
    await writeFile(file, await bundleWorlds(projectDirectory, system, sabotage.patches));
    return use(load(file));
  });
}

async function replay(
  { runSeed: live }: Worlds,
  seed: number,
  stack: EvaluatedStack,
  out: NodeJS.WritableStream,
  provoked?: readonly FaultKind[],
): Promise<number> {
  const outcome = await live(seed, stack, true, provoked);
  out.write(`seed ${seed} draws ${JSON.stringify(outcome.drawn, undefined, 2)}\n`);
  out.write(outcome.trace);
  out.write(`seed ${seed}: ${summaryOf(outcome)}\n`);
  return outcome.violations.length === 0 ? 0 : 1;
}

/** Variables as a shell has them in front of a command; a synthesis that came to its end has refused any other value. */
const shellTextOf = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value} `)
    .join("");

async function survey(
  { runSeed: live }: Worlds,
  { again, first, seeds }: SimulateOptions & { readonly again: string },
  stack: EvaluatedStack,
  out: NodeJS.WritableStream,
): Promise<number> {
  const faults: Record<string, { hits: number; worlds: number }> = {};
  const totals: Record<string, number> = {};
  let virtualSeconds = 0;
  let violations = 0;
  let failed = 0;
  const started = process.hrtime.bigint();
  for (let seed = first; seed < first + seeds; seed += 1) {
    const outcome = await live(seed, stack);
    addFaults(faults, outcome.faults);
    for (const [name, count] of Object.entries(outcome.counts)) totals[name] = (totals[name] ?? 0) + count;
    virtualSeconds += outcome.virtualSeconds;
    violations += outcome.violations.length;
    if (outcome.violations.length === 0) continue;
    failed += 1;
    if (failed <= SHOWN_FAILURES) out.write(`seed ${seed}: ${summaryOf(outcome)}\n  replay it: ${again} --seed ${seed}\n`);
  }
  const minutes = Number(process.hrtime.bigint() - started) / 60e9;
  out.write(`${tableOf(faults)}\n`);
  out.write(
    `${[...Object.entries(totals), ["days of virtual time", Math.round(virtualSeconds / 86_400)]].map(([name, count]) => `${count} ${name}`).join(", ")}\n`,
  );
  out.write(`${Math.round(seeds / minutes)} seeds a minute\n`);
  out.write(`${seeds} seeds, ${violations} violations\n`);
  return violations === 0 ? 0 : 1;
}

/** Looks for the first world that a sabotage breaks. */
async function hunt(
  { runSeed: live }: Worlds,
  { first, seeds }: SimulateOptions,
  { breaks, name, provokedBy, shownBy }: Sabotage,
  stack: EvaluatedStack,
  out: NodeJS.WritableStream,
): Promise<number> {
  const range = Array.from({ length: seeds }, (_, index) => first + index);
  const likely = range.filter((seed) => seed === shownBy);
  for (const seed of [...likely, ...range]) {
    const outcome = await live(seed, stack, false, provokedBy);
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
  const never: FaultKind[] = [];
  for (const kind of FAULT_KINDS) {
    const sum = sums[kind];
    if (sum === undefined) never.push(kind);
    else table.push([kind, sum.hits, sum.worlds]);
  }
  return `${table.toString()}${never.length === 0 ? "" : `\nnot once, by chance or because these worlds have no such thing: ${never.join(", ")}`}`;
}
