import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../folders/system-errors";
import { RunFailedError } from "./command-errors";

const run = promisify(execFile);

/**
 * The Node of the workers' archive, of this machine's architecture.
 *
 * @returns path of the executable, in a folder where it is called `node`
 * @throws RunFailedError when there is none for this machine, or the package registry doesn't give it
 */
export async function findPinnedNode(projectDirectory: string, signal: AbortSignal): Promise<string> {
  const script = path.join(projectDirectory, "scripts", "build", "pinned-node.mjs");
  try {
    const { stdout } = await run(process.execPath, [script], { cwd: projectDirectory, signal });
    return stdout.trim();
  } catch (error) {
    signal.throwIfAborted();
    const stderr = typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr) : "";
    const gist = /^(?:\w*Error: )(.*)$/m.exec(stderr)?.[1] ?? messageOf(error);
    throw new RunFailedError(`the pinned Node can't be had: ${gist}`, "leave out --pinned-node, or see that npm reaches its registry", {
      cause: error,
    });
  }
}
