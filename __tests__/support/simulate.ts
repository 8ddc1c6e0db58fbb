import { spawn } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { FaultKind } from "../../kit/simulator/kernel/faults";
import { PROJECT } from "./command";

export interface Simulated {
  readonly exitCode: number | null;
  readonly printed: string;
}

/** What befalls alarms, where a world's group follows some: with `dev`'s stack nobody looks at them. */
export const ALARM_FAULTS: readonly FaultKind[] = ["metrics-missing", "alarms-late"];

/** Hits of each kind of fault that some hundred worlds must have at least. */
const LEAST_HITS = 3;

/** Lives through worlds as `npm run simulate:faults` does, outside the test runner's sandbox, where a world takes six times as long. */
export const simulate = (...args: readonly string[]): Promise<Simulated> => run("faults", args);

/** The same, in worlds whose stack is synthesized with these variables. */
export const simulateAs = (variables: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Simulated> =>
  run("faults", args, variables);

/** As `npm run simulate:alarms` does. */
export const simulateAlarms = (...args: readonly string[]): Promise<Simulated> => run("alarms", args);

async function run(
  what: "faults" | "alarms",
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Simulated> {
  const program = path.join(PROJECT, "dist", "simulator", "simulate.js");
  const child = spawn(process.execPath, [program, what, ...args], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [printed, exitCode] = await Promise.all([text(child.stdout), closed]);
  return { exitCode, printed };
}

/** No violation in so many worlds, and each of these kinds of fault in some. */
export function expectNoViolation({ exitCode, printed }: Simulated, worlds: number, kinds: readonly FaultKind[]): void {
  expect({ exitCode, printed }).toEqual({
    exitCode: 0,
    printed: expect.stringContaining(`\n${String(worlds)} seeds, 0 violations\n`) as string,
  });
  const hits = new Map([...printed.matchAll(/^│ (\S+) +│ +(\d+) │/gm)].map(([, kind = "", count]) => [kind, Number(count)]));
  expect(kinds.filter((kind) => (hits.get(kind) ?? 0) < LEAST_HITS)).toEqual([]);
}

/** What is printed of a sabotage that a world noticed. */
export const caught = (sabotage: string): RegExp => new RegExp(`^sabotage '${sabotage}' .* is caught at seed \\d+: invariant \\d`, "m");

/** How many of something a survey counted. */
export const counted = ({ printed }: Simulated, what: string): number => Number(new RegExp(String.raw`(\d+) ${what}`).exec(printed)?.[1]);
