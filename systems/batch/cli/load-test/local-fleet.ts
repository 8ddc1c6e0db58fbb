import { readFile, writeFile } from "node:fs/promises";
import { readStackFile } from "../../../../kit/graph/stack-file";
import { present } from "../../../../kit/lib/present";
import { SYSTEM_NAME } from "../../contracts/names";
import type { EnvironmentName } from "../../config/environment-names";
import { ARCHITECTURES } from "../../config/instance-types";
import { workerArchiveFile } from "../../stack/worker-archive";
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
 * @param workers at most. @default the group's own maximum, 16 at most
 */
export async function synthesizeFor(
  { local, signal }: CommandContext,
  folder: string,
  environmentName: EnvironmentName,
  variables: Readonly<Record<string, string>>,
  workers: number | undefined,
): Promise<TestStack> {
  const files = await local.synthesize([SYSTEM_NAME], folder, signal, undefined, { environmentName, variables });
  const stackFile = present(files[SYSTEM_NAME], "the synthesized stack");
  await takeHostArchive(stackFile);
  const { maximum } = readRunStack(await readStackFile(stackFile)).group.definition;
  return { stackFile, workers: Math.min(workers ?? MOST_WORKERS, maximum) };
}

/** Instances bring a Node of their own, in an archive that is built for a deployment only; here workers run on this one. */
async function takeHostArchive(stackFile: string): Promise<void> {
  const host = workerArchiveFile({ workerRuntime: "host" }, "x86_64");
  let text = await readFile(stackFile, "utf8");
  for (const architecture of ARCHITECTURES) text = text.replaceAll(workerArchiveFile({ workerRuntime: "bundled" }, architecture), host);
  await writeFile(stackFile, text);
}
