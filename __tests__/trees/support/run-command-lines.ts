import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { BACKGROUND, Harness } from "../../systems/batch/cli/harness";
import { commandLine } from "./command-lines";
import { Dice } from "./dice";
import { mannersOf, withinLimit } from "./run-tree";

/** Runs the command lines of `count` seeds from `firstSeed` on. @returns what is wrong, by seed */
export async function runCommandLines(firstSeed: number, count: number): Promise<Map<number, string[]>> {
  const wrong = new Map<number, string[]>();
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const dice = new Dice(seed);
    const args = commandLine(dice);
    const lines = await runOne(args, dice.chance(0.5)).catch((error: unknown) => [
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    ]);
    if (lines.length > 0) wrong.set(seed, [JSON.stringify(args).slice(0, 500), ...lines]);
  }
  return wrong;
}

/** @param isUp whether there is a local stack, in which a batch was counted */
async function runOne(args: readonly string[], isUp: boolean): Promise<string[]> {
  const directory = await mkdtemp(path.join(tmpdir(), "filemill-command-lines-"));
  try {
    const harness = Harness.at(path.join(directory, "work"));
    await mkdir(path.join(harness.directory, "texts"), { recursive: true });
    await writeFile(path.join(harness.directory, "texts", "a.txt"), "some words");
    harness.background = BACKGROUND;
    await harness.run("submit", "texts", "--watch");
    if (!isUp) harness.background = undefined;
    const answer = await withinLimit(harness.run(...args));
    const wrong = mannersOf(answer, isPromisedJson(args)).filter((line) => !(args.includes("--debug") && line.startsWith("a stack trace")));
    const unknown = harness.details.map((details) => `an error that nobody thought of: ${details}`);
    const silent = answer.exitCode !== 0 && answer.stderr === "" ? ["nothing on stderr"] : [];
    return [...wrong, ...unknown, ...silent];
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** `--json` as an option and not as another one's value, and neither help nor the version is asked for. */
function isPromisedJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  const isText = args.length === 0 || args.some((arg) => /^(?:help|--help|--version|-[hv].*)$/s.test(arg));
  return options.some((arg, index) => arg === "--json" && options[index - 1]?.startsWith("-") !== true) && !isText;
}
