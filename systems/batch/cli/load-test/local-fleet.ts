import { readFile, writeFile } from "node:fs/promises";
import { readStackFile } from "../../../../kit/graph/stack-file";
import type { SynthesizedAs } from "../../../../kit/cli/local/local-runtime";
import { present } from "../../../../kit/lib/present";
import { SYSTEM_NAME } from "../../contracts/names";
import type { CommandContext } from "../context";
import { readRunStack } from "../simulate/run-stack";

/** More local workers than this only wait for the emulator, which is one process. */
const MOST_WORKERS = 16;

/** A stack that is started for one test. */
export interface TestStack {
  readonly stackFile: string;
  /** The most that the group may have here. */
  readonly workers: number;
}

/**
 * Synthesizes an environment to be run on this machine, its fleet and policies as they are deployed.
 *
 * @param onHostRuntime makes of the stack one whose workers need no archive of a deployment
 * @param workers at most. @default the group's own maximum, 16 at most
 */
export async function synthesizeFor(
  { local, signal }: CommandContext,
  folder: string,
  as: SynthesizedAs,
  onHostRuntime: (stack: string) => Promise<string>,
  workers: number | undefined,
): Promise<TestStack> {
  const files = await local.synthesize([SYSTEM_NAME], folder, signal, undefined, as);
  const stackFile = present(files[SYSTEM_NAME], "the synthesized stack");
  await writeFile(stackFile, await onHostRuntime(await readFile(stackFile, "utf8")));
  const { maximum } = readRunStack(await readStackFile(stackFile)).group.definition;
  return { stackFile, workers: Math.min(workers ?? MOST_WORKERS, maximum) };
}
