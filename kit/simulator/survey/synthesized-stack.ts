import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { synthesisEnvironment } from "../../lib/env";
import { withTemporaryFolder } from "../../folders/process-folder";
import type { EvaluatedStack } from "../../graph/evaluated-stack";
import { readStackFile } from "../../graph/stack-file";
import type { SimulateEnvironment } from "./simulation";
import { evaluateInMemory } from "../stack/evaluate-stack";

const manifestSchema = z.object({ stacks: z.record(z.string(), z.object({ synthesizedStackPath: z.string() })) });
/** The stack could not be synthesized. */
export class SynthesisError extends Error {
  public override readonly name = "SynthesisError";
}

/**
 * Synthesizes a system's environment `dev` by the same program that `cdktf deploy` runs, and evaluates it with services in memory.
 *
 * @param projectDirectory holds dist/main.js
 * @throws SynthesisError, and ProvisioningError for what the simulator can't honour
 */
export async function synthesizeStack(
  system: string,
  { environment, projectDirectory }: Pick<SimulateEnvironment, "environment" | "projectDirectory">,
): Promise<EvaluatedStack> {
  return withTemporaryFolder(tmpdir(), "filemill-simulator-", async (folder) => {
    // cdktf's own folder: it holds what is synthesized and nothing else
    const directory = path.join(folder, "synth");
    await synthesize(projectDirectory, synthesisEnvironment(environment, "dev", directory, [system]));
    const { stacks } = manifestSchema.parse(JSON.parse(await readFile(path.join(directory, "manifest.json"), "utf8")));
    const [stack] = Object.values(stacks);
    if (stack === undefined) throw new SynthesisError(`the environment 'dev' of ${system} has no stack`);
    const file = path.join(directory, stack.synthesizedStackPath);
    return evaluateInMemory(await readStackFile(file), path.dirname(file));
  });
}

async function synthesize(projectDirectory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const program = spawn(process.execPath, [path.join(projectDirectory, "dist", "main.js")], {
    cwd: projectDirectory,
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    program.once("error", reject);
    program.once("close", resolve);
  });
  const [complaint, code] = await Promise.all([text(program.stderr), exited]);
  if (code !== 0)
    throw new SynthesisError(`the synthesis of 'dev' ended with exit code ${String(code)}: ${complaint.trim()}; run npm run build`);
}
