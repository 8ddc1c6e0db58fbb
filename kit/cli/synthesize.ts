import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { synthesisEnvironment } from "../lib/env";
import { tellsOfFullDisk } from "../local";
import { RunFailedError } from "./command-errors";

/** cdktf's own index of what it synthesized, as far as it is read here. */
const synthManifestSchema = z.object({ stacks: z.record(z.string(), z.object({ synthesizedStackPath: z.string() })) });

export interface SynthesisOptions {
  /** Holds dist/main.js. */
  readonly projectDirectory: string;
  /** Where the stack goes: doesn't exist yet, in a folder that does. */
  readonly outputDirectory: string;
  /** The command's own environment; the synthesis takes next to nothing of it. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** The disk was full; who knows what the folder belongs to says so by name. */
export class SynthesisDiskFullError extends Error {
  public override readonly name = "SynthesisDiskFullError";
  public readonly code = "ENOSPC";
  public constructor(outputDirectory: string, complaint: string) {
    super(`the disk is full: the synthesis could not write to '${outputDirectory}'`, { cause: new Error(complaint) });
  }
}

/**
 * Synthesizes the environment `local` and finds its stack file. A process of its own: it is the same program that `cdktf deploy`
 * runs, and cdktf is not to be bundled.
 *
 * @returns path of cdk.tf.json
 * @throws RunFailedError, SynthesisDiskFullError
 */
export async function synthesizeLocal({ projectDirectory, outputDirectory, environment, signal }: SynthesisOptions): Promise<string> {
  const program = spawn(process.execPath, [path.join(projectDirectory, "dist", "main.js")], {
    cwd: projectDirectory,
    env: synthesisEnvironment(environment, "local", outputDirectory),
    stdio: ["ignore", "ignore", "pipe"],
    // a group of its own: what Ctrl-C means is this process's to say
    detached: true,
    ...(signal === undefined ? {} : { signal }),
  });
  let failure: Error | undefined;
  program.once("error", (error) => (failure = error));
  // an aborted process is gone only at `close`; its `error` comes before
  const closed = new Promise<number | null>((resolve) => program.once("close", resolve));
  const [complaint, code] = await Promise.all([text(program.stderr), closed]);
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure;
  if (code !== 0) {
    if (tellsOfFullDisk(complaint)) throw new SynthesisDiskFullError(outputDirectory, complaint);
    throw new RunFailedError(
      `synthesis of the environment 'local' failed with exit code ${String(code)}: ${gistOf(complaint)}`,
      "run `npm run build`, then try again",
      { cause: new Error(complaint) },
    );
  }
  return stackFileIn(outputDirectory);
}

async function stackFileIn(outputDirectory: string): Promise<string> {
  const manifest = synthManifestSchema.parse(JSON.parse(await readFile(path.join(outputDirectory, "manifest.json"), "utf8")));
  const paths = Object.values(manifest.stacks).map((stack) => stack.synthesizedStackPath);
  const [only, ...others] = paths;
  if (only === undefined || others.length > 0) {
    throw new RunFailedError(`the environment 'local' has ${paths.length} stacks; a local run takes one`, "give one with --stack-file");
  }
  return path.join(outputDirectory, only);
}

/** The line that says what was wrong: an uncaught error's own among its stack trace, else all there is. */
const gistOf = (complaint: string): string => /^\w*Error: .*$/m.exec(complaint)?.[0] ?? complaint.trim();
