import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { PROJECT } from "./project";

export { PROJECT };
/** Homes for the stacks of tests, one a test file: apart from each other and from a developer's own `local up`. */
export const testHome = (name: string): string => path.join(PROJECT, ".filemill", "homes-of-tests", name);

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly stderr: () => string;
  /** Resolves when the command has said this on stderr, or has ended. */
  readonly says: (text: string) => Promise<void>;
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
  const says = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (output.stderr.includes(text)) resolve();
      };
      look();
      child.stderr.on("data", look);
      child.once("close", () => {
        resolve();
      });
    });
  return { process: child, stderr: () => output.stderr, says, finished };
}

export const runCommand = (
  home: string,
  args: readonly string[],
  workingDirectory = PROJECT,
  variables: Readonly<Record<string, string>> = {},
): Promise<CommandResult> => startCommand(home, args, workingDirectory, variables).finished;

/** Whether a command that was asked for JSON printed an error in the place of its document. */
export const printedError = ({ stdout }: CommandResult): boolean => stdout === "" || "error" in (JSON.parse(stdout) as object);

/** Interrupts a command at a moment, as Ctrl-C does, and expects that it ends in order. @param moment what it says then */
export async function expectInterrupted(command: RunningCommand, moment: string): Promise<void> {
  await command.says(moment);
  command.process.kill("SIGINT");
  const { exitCode, stderr } = await command.finished;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 130 });
  expect(stderr).not.toContain("    at ");
}
