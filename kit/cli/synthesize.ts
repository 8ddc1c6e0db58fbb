import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { synthesisEnvironment } from "../lib/env";
import { stackNameOf } from "../lib/stack-marks";
import { tellsOfFullDisk } from "../local";
import { RunFailedError } from "./command-errors";

/** What a local run is made from. */
const ENVIRONMENT = "local";

/** cdktf's own index of what it synthesized, as far as it is read here. */
const synthManifestSchema = z.object({ stacks: z.record(z.string(), z.object({ synthesizedStackPath: z.string() })) });

export interface SynthesisOptions {
  readonly projectDirectory: string;
  /** The program that synthesizes. @default dist/main.js of the project */
  readonly programFile?: string;
  /** Names of the systems whose stacks are wanted. */
  readonly systems: readonly string[];
  /** Where the stacks go: doesn't exist yet, in a folder that does. */
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
 * Synthesizes systems in the environment `local` and finds their stack files. A process of its own: it is the same program that
 * `cdktf deploy` runs, and cdktf is not to be bundled.
 *
 * @returns path of each system's cdk.tf.json, by the system's name
 * @throws RunFailedError, SynthesisDiskFullError
 */
export async function synthesizeLocal(options: SynthesisOptions): Promise<Readonly<Record<string, string>>> {
  const { projectDirectory, outputDirectory, environment, signal, systems } = options;
  const program = spawn(process.execPath, [options.programFile ?? path.join(projectDirectory, "dist", "main.js")], {
    cwd: projectDirectory,
    env: synthesisEnvironment(environment, ENVIRONMENT, outputDirectory, systems),
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
      `synthesis of the environment '${ENVIRONMENT}' failed with exit code ${String(code)}: ${gistOf(complaint)}`,
      "run `npm run build`, then try again",
      { cause: new Error(complaint) },
    );
  }
  return stackFilesIn(outputDirectory, systems);
}

async function stackFilesIn(outputDirectory: string, systems: readonly string[]): Promise<Record<string, string>> {
  const { stacks } = synthManifestSchema.parse(JSON.parse(await readFile(path.join(outputDirectory, "manifest.json"), "utf8")));
  return Object.fromEntries(
    systems.map((system) => {
      const stack = stacks[stackNameOf(system, ENVIRONMENT)];
      if (stack !== undefined) return [system, path.join(outputDirectory, stack.synthesizedStackPath)];
      throw new RunFailedError(
        `the environment '${ENVIRONMENT}' has no stack of the system '${system}'; it has ${Object.keys(stacks).join(", ")}`,
        "give its stack's class the name of its manifest (docs/extend.md)",
      );
    }),
  );
}

/** The line that says what was wrong: an uncaught error's own among its stack trace, else all there is. */
const gistOf = (complaint: string): string => /^\w*Error: .*$/m.exec(complaint)?.[0] ?? complaint.trim();
