import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { synthesisEnvironment } from "../lib/env";
import { stackNameOf } from "../lib/stack-marks";

/** cdktf's own index of what it synthesized, as far as it is read here. */
const manifestSchema = z.object({ stacks: z.record(z.string(), z.object({ synthesizedStackPath: z.string() })) });

export interface SynthesisOptions {
  readonly projectDirectory: string;
  /** The program that synthesizes. @default dist/main.js of the project */
  readonly programFile?: string;
  /** `dev` */
  readonly environmentName: string;
  /** Names of the systems whose stacks are wanted. */
  readonly systems: readonly string[];
  /** Where the stacks go: doesn't exist yet, in a folder that does. */
  readonly outputDirectory: string;
  /** Of whoever starts it; the synthesis takes next to nothing of it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Variables that are meant for a deployment (`FILEMILL_*`), and for this one, too. @default none */
  readonly variables?: Readonly<Record<string, string>>;
  /** Ends it. @default it ends by itself, or with the one who started it */
  readonly signal?: AbortSignal;
}

/** The program that synthesizes ended badly. */
export class SynthesisFailedError extends Error {
  public override readonly name = "SynthesisFailedError";
  public readonly fix = "run `npm run build`, then try again";
  /** @param complaint all that it said */
  public constructor(
    environmentName: string,
    exitCode: number | null,
    public readonly complaint: string,
  ) {
    super(`synthesis of the environment '${environmentName}' failed with exit code ${String(exitCode)}: ${gistOf(complaint)}`, {
      cause: new Error(complaint),
    });
  }
}

/** What was synthesized has no stack of a system under the name that its manifest gives it. */
export class StackNotSynthesizedError extends Error {
  public override readonly name = "StackNotSynthesizedError";
  public readonly fix = "give its stack's class the name of its manifest (docs/extend.md)";
  public constructor(environmentName: string, system: string, there: readonly string[]) {
    super(`the environment '${environmentName}' has no stack of the system '${system}'; it has ${there.join(", ")}`);
  }
}

/**
 * Synthesizes systems in an environment and finds their stack files. A process of its own: it is the same program that `cdktf deploy`
 * runs, and cdktf is not to be bundled.
 *
 * @returns path of each system's cdk.tf.json, by the system's name
 * @throws SynthesisFailedError, StackNotSynthesizedError, the signal's reason
 */
export async function synthesizeStacks(options: SynthesisOptions): Promise<Readonly<Record<string, string>>> {
  const { projectDirectory, outputDirectory, environment, environmentName, signal, systems } = options;
  const program = spawn(process.execPath, [options.programFile ?? path.join(projectDirectory, "dist", "main.js")], {
    cwd: projectDirectory,
    env: { ...options.variables, ...synthesisEnvironment(environment, environmentName, outputDirectory, systems) },
    stdio: ["ignore", "ignore", "pipe"],
    // with a signal a group of its own: what Ctrl-C means is then for the signal to say
    ...(signal === undefined ? {} : { signal, detached: true }),
  });
  let failure: Error | undefined;
  program.once("error", (error) => (failure = error));
  // an aborted process is gone only at `close`; its `error` comes before
  const closed = new Promise<number | null>((resolve) => program.once("close", resolve));
  const [complaint, code] = await Promise.all([text(program.stderr), closed]);
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure;
  if (code !== 0) throw new SynthesisFailedError(environmentName, code, complaint);
  const { stacks } = manifestSchema.parse(JSON.parse(await readFile(path.join(outputDirectory, "manifest.json"), "utf8")));
  return Object.fromEntries(
    systems.map((system) => {
      const stack = stacks[stackNameOf(system, environmentName)];
      if (stack === undefined) throw new StackNotSynthesizedError(environmentName, system, Object.keys(stacks));
      return [system, path.join(outputDirectory, stack.synthesizedStackPath)];
    }),
  );
}

/** The line that says what was wrong: an uncaught error's own among its stack trace, else all there is. */
const gistOf = (complaint: string): string => /^\w*Error: .*$/m.exec(complaint)?.[0] ?? complaint.trim();
