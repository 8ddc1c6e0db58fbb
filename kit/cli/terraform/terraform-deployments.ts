import { SYSTEMS_VARIABLE } from "../../config/systems-variable";
import { stackNameOf } from "../../lib/stack-marks";
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { missingTerraform, terraformProgram } from "../../aws/deployment-needs";
import { messageOf } from "../../folders/system-errors";
import { RunFailedError } from "../command-errors";
import type { DeployedStack, DeploymentRef, Deployments } from "./deployments";

/** Lines of what a program said that an error repeats. */
const TOLD_LINES = 15;

/**
 * Terraform by its own command, on the stack as the project synthesizes it: not by cdktf's, which says less of what fails.
 *
 * @param environment of the user: it holds the credentials and where the state is kept (FILEMILL_TERRAFORM_STATE_BUCKET)
 */
export function terraformDeployments(projectDirectory: string, environment: NodeJS.ProcessEnv): Deployments {
  const check = (): void => {
    const missing = missingTerraform(environment);
    if (missing !== undefined) throw new RunFailedError(`${missing.problem}; nothing was deleted`, missing.fix);
  };
  return {
    check,
    synthesize: async (ref, outputDirectory, signal) =>
      path.join(await synthesize(projectDirectory, environment, ref, outputDirectory, signal), "cdk.tf.json"),
    open: (ref, signal) => open(projectDirectory, environment, ref, signal),
  };
}

const variablesOf = (environment: NodeJS.ProcessEnv, { region }: DeploymentRef): NodeJS.ProcessEnv => ({
  ...environment,
  CHECKPOINT_DISABLE: "1",
  TF_IN_AUTOMATION: "1",
  AWS_REGION: region,
});

/** @returns the stack's folder */
async function synthesize(
  projectDirectory: string,
  environment: NodeJS.ProcessEnv,
  ref: DeploymentRef,
  outdir: string,
  signal: AbortSignal,
): Promise<string> {
  await run(process.execPath, [path.join(projectDirectory, "dist", "main.js")], {
    cwd: projectDirectory,
    env: {
      ...variablesOf(environment, ref),
      [SYSTEMS_VARIABLE]: ref.system,
      FILEMILL_ENVIRONMENT: ref.environment,
      FILEMILL_OWNER: ref.owner,
      FILEMILL_REGION: ref.region,
      CDKTF_OUTDIR: outdir,
    },
    signal,
    what: `the synthesis of '${ref.environment}'`,
    fix: "mend what it says, then try again; nothing was changed",
  });
  return path.join(outdir, "stacks", stackNameOf(ref.system, ref.environment));
}

async function open(
  projectDirectory: string,
  environment: NodeJS.ProcessEnv,
  ref: DeploymentRef,
  signal: AbortSignal,
): Promise<DeployedStack> {
  const outdir = path.resolve(projectDirectory, environment["CDKTF_OUTDIR"] ?? "cdktf.out");
  const cwd = await synthesize(projectDirectory, environment, ref, outdir, signal);
  const program = terraformProgram(environment);
  const inStack = { cwd, env: variablesOf(environment, ref), signal };
  await run(program, ["init", "-input=false", "-no-color", "-reconfigure"], {
    ...inStack,
    what: "`terraform init`",
    fix: "see that the AWS provider and the state's bucket can be reached (docs/infrastructure.md); nothing was deleted",
  });
  const outputs = await run(program, ["output", "-json", "-no-color"], {
    ...inStack,
    what: "`terraform output`",
    fix: "see that the state can be read; nothing was deleted",
  });
  return {
    outputs: JSON.parse(outputs) as unknown,
    destroy: async (say, destroySignal) => {
      await run(program, ["destroy", "-auto-approve", "-input=false", "-no-color"], {
        ...inStack,
        signal: destroySignal,
        say,
        what: "`terraform destroy`",
        fix: "mend what it says, then run the same command again: what is gone stays gone",
      });
    },
  };
}

interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** For errors. */
  readonly what: string;
  readonly fix: string;
  /** Told each line of its standard output, as it comes. */
  readonly say?: (line: string) => void;
}

/** @returns its standard output @throws RunFailedError, the signal's reason */
async function run(program: string, args: readonly string[], { cwd, env, fix, say, signal, what }: RunOptions): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    // a group of its own: what Ctrl-C means is this process's to say; Terraform ends in order at an interrupt, and its state is whole
    detached: true,
    signal,
    killSignal: "SIGINT",
  });
  let failure: Error | undefined;
  child.once("error", (error) => (failure = error));
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    stdout.push(line);
    if (line.trim() !== "") say?.(line);
  });
  createInterface({ input: child.stderr }).on("line", (line) => stderr.push(line));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  signal.throwIfAborted();
  if (code === 0) return stdout.join("\n");
  const complaint = stderr.some((line) => line.trim() !== "") ? stderr : stdout;
  const told = complaint.map((line) => line.replace(/^[│╷╵]\s?/, "").trim()).filter((line) => line !== "");
  const reason = failure === undefined ? `exit code ${String(code)}` : messageOf(failure);
  throw new RunFailedError(`${what} failed (${reason}): ${told.slice(-TOLD_LINES).join(" ")}`, fix, { cause: failure });
}
