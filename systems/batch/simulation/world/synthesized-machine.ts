import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { LAMBDA_NAMES, type LambdaName } from "../../../../lambdas/batch/functions";
import { synthesisEnvironment } from "../../../../kit/lib/env";
import { withTemporaryFolder } from "../../../../kit/folders/process-folder";
import { CHUNKS_QUEUE_URL, functionArn } from "./machine-references";
import { NAMES } from "./settings";

const manifestSchema = z.object({ stacks: z.record(z.string(), z.object({ synthesizedStackPath: z.string() })) });
const stackSchema = z.object({
  resource: z.object({
    aws_sfn_state_machine: z.record(z.string(), z.object({ definition: z.string() })),
    aws_lambda_function: z.record(z.string(), z.object({ function_name: z.string(), timeout: z.int() })),
  }),
});

/** What a world takes from the synthesized stack. */
export interface SynthesizedFacts {
  /** The machine in the Amazon States Language, its references resolved to simulated services. */
  readonly definition: unknown;
  /** Of each function, in seconds. */
  readonly timeouts: Readonly<Record<LambdaName, number>>;
}

/** The stack could not be synthesized, or holds not what the simulated world runs. */
export class SynthesisError extends Error {
  public override readonly name = "SynthesisError";
}

/**
 * Synthesizes the environment `dev` by the same program that `cdktf deploy` runs, and takes the batch machine and its functions' timeouts
 * out of it.
 *
 * @param projectDirectory holds dist/main.js
 * @throws SynthesisError
 */
export async function synthesizeMachine(projectDirectory: string, environment: NodeJS.ProcessEnv): Promise<SynthesizedFacts> {
  return withTemporaryFolder(tmpdir(), "filemill-simulator-", async (folder) => {
    // cdktf's own folder: it holds what is synthesized and nothing else
    const directory = path.join(folder, "synth");
    await synthesize(projectDirectory, directory, environment);
    const { stacks } = manifestSchema.parse(JSON.parse(await readFile(path.join(directory, "manifest.json"), "utf8")));
    const [stack] = Object.values(stacks);
    if (stack === undefined) throw new SynthesisError("the environment 'dev' has no stack");
    const stackJson = await readFile(path.join(directory, stack.synthesizedStackPath), "utf8");
    return { definition: machineOf(stackJson), timeouts: timeoutsOf(stackJson) };
  });
}

/** @param stackJson text of a synthesized cdk.tf.json */
export function machineOf(stackJson: string): unknown {
  const { resource } = stackSchema.parse(JSON.parse(stackJson));
  const [machine, ...others] = Object.values(resource.aws_sfn_state_machine);
  if (machine === undefined || others.length > 0)
    throw new SynthesisError(`the stack has ${others.length + (machine ? 1 : 0)} state machines; the simulated world runs one`);
  const definition = machine.definition.replaceAll(/\$\{(\w+)\.([\w-]+)\.(\w+)\}/g, (reference, type: string, id: string) => {
    if (type === "aws_s3_bucket") return NAMES.state;
    if (type === "aws_sqs_queue") return CHUNKS_QUEUE_URL;
    const name = resource.aws_lambda_function[id]?.function_name;
    const known = LAMBDA_NAMES.find((candidate) => name?.endsWith(`-${candidate}`) ?? false);
    if (type !== "aws_lambda_function" || known === undefined)
      throw new SynthesisError(`the machine refers to ${reference}, which the simulated world lacks`);
    return functionArn(known);
  });
  return JSON.parse(definition);
}

/** @param stackJson text of a synthesized cdk.tf.json */
export function timeoutsOf(stackJson: string): SynthesizedFacts["timeouts"] {
  const deployed = Object.values(stackSchema.parse(JSON.parse(stackJson)).resource.aws_lambda_function);
  const timeouts = LAMBDA_NAMES.map((name) => {
    const { timeout } = deployed.find((each) => each.function_name.endsWith(`-${name}`)) ?? {};
    if (timeout === undefined) throw new SynthesisError(`the stack has no function ${name}, which the simulated world runs`);
    return [name, timeout] as const;
  });
  return Object.fromEntries(timeouts) as SynthesizedFacts["timeouts"];
}

async function synthesize(projectDirectory: string, outputDirectory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const program = spawn(process.execPath, [path.join(projectDirectory, "dist", "main.js")], {
    cwd: projectDirectory,
    env: synthesisEnvironment(environment, "dev", outputDirectory),
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
