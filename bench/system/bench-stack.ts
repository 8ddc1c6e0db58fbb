import { tmpdir } from "node:os";
import path from "node:path";
import { synthesizeLocal } from "../../kit/cli/synthesize";
import { withTemporaryFolder } from "../../kit/folders/process-folder";
import { startLocalStack, type LocalStack } from "../../kit/local";
import { SYSTEM_NAME } from "../../systems/batch/contracts/names";
import { WORKERS } from "../../systems/batch/processes";
import { batch } from "../../systems/batch/system";
import type { BenchRun } from "../bench-run";

export interface BenchStack {
  readonly stack: LocalStack;
  readonly homeDirectory: string;
  /** For what the scenario writes: it goes at the end. */
  readonly directory: string;
}

/**
 * Runs `use` with a local stack of its own, in a home of its own.
 *
 * @param programFiles gives programs in place of those of dist/, by their process, once there is a folder for them. @default none
 */
export async function withBenchStack<T>(
  workers: number,
  { projectDirectory, signal }: BenchRun,
  use: (started: BenchStack) => Promise<T>,
  programFiles?: (directory: string) => Promise<Readonly<Record<string, string>>>,
): Promise<T> {
  return withTemporaryFolder(tmpdir(), "filemill-bench-", async (directory) => {
    const outputDirectory = path.join(directory, "synth");
    const synthesis = { projectDirectory, outputDirectory, environment: process.env, signal, systems: [SYSTEM_NAME] };
    const { [SYSTEM_NAME]: stackFile = "" } = await synthesizeLocal(synthesis);
    const homeDirectory = path.join(projectDirectory, ".filemill", "bench-home");
    const stack = await startLocalStack({
      projectDirectory,
      homeDirectory,
      environment: process.env,
      systems: [{ system: batch, stackFile }],
      processes: { [WORKERS.name]: workers },
      ...(programFiles === undefined ? {} : { programFiles: await programFiles(directory) }),
      signal,
    });
    try {
      return await use({ stack, homeDirectory, directory });
    } finally {
      await stack.stop();
    }
  });
}
