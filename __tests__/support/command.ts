import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";

export const PROJECT = path.resolve(__dirname, "../..");
/**
 * Homes for the stacks of tests, one a test file: apart from each other and from a developer's own `local up`. The emulator's virtual
 * environment in it is kept between runs.
 */
export const testHome = (name: string): string => path.join(PROJECT, ".filemill", "homes-of-tests", name);

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly stderr: () => string;
  readonly finished: Promise<CommandResult>;
}

/** Starts `filemill` as a user would. @param variables of the user's besides this process's own */
export function startCommand(
  home: string,
  args: readonly string[],
  workingDirectory = PROJECT,
  variables: Readonly<Record<string, string>> = {},
): RunningCommand {
  const child = spawn(process.execPath, [path.join(PROJECT, "bin", "filemill.js"), ...args], {
    cwd: workingDirectory,
    env: { ...process.env, ...variables, FILEMILL_HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const finished = new Promise<CommandResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => {
      resolve({ exitCode, ...output });
    });
  });
  return { process: child, stderr: () => output.stderr, finished };
}

export const runCommand = (
  home: string,
  args: readonly string[],
  workingDirectory = PROJECT,
  variables: Readonly<Record<string, string>> = {},
): Promise<CommandResult> => startCommand(home, args, workingDirectory, variables).finished;

/** Whether a command that was asked for JSON printed an error in the place of its document. */
export const printedError = ({ stdout }: CommandResult): boolean => stdout === "" || "error" in (JSON.parse(stdout) as object);
