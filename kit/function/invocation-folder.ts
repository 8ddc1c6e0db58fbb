import { tmpdir } from "node:os";
import type { LogEvent } from "../lib/log";
import { withProcessFolder } from "../folders/process-folder";
import { sweepDeadFolders } from "../folders/sweep";

const PREFIX = "filemill-invocation-";

/** Runs `use` with a folder for the temporary files of one invocation; it is removed at the end. */
export type WithInvocationFolder = <T>(use: (folder: string) => Promise<T>) => Promise<T>;

/**
 * Gives each invocation a clean folder. A time-out or a crash ends the process of a function and leaves its files: /tmp is as old as the
 * execution environment, not as the process in it. So what earlier invocations left goes before anything else is done; what can't be
 * removed is told, and tried again by the next.
 *
 * @param environment the process's: on Lambda the folder for temporary files is this function's alone, and one invocation runs at a time.
 *   Functions of a local run share one, and leave alone what belongs to a living process
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export function invocationFolders(environment: NodeJS.ProcessEnv, log: LogEvent, parent = tmpdir()): WithInvocationFolder {
  const isAlone = isOnLambda(environment);
  return async (use) => {
    const left = await sweepDeadFolders(parent, { kinds: ["temporary"], prefix: PREFIX, isAlone });
    for (const { folder, problem } of left) log("warn", "leftover_not_removed", { folder, problem });
    return withProcessFolder(parent, "temporary", PREFIX, use);
  };
}

/** Lambda sets it for every function; these two values mean one invocation at a time. */
const isOnLambda = ({ AWS_LAMBDA_INITIALIZATION_TYPE: type = "" }: NodeJS.ProcessEnv): boolean =>
  ["on-demand", "provisioned-concurrency"].includes(type);
