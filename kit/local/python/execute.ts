import { spawn } from "node:child_process";
import { signalProcess } from "../../folders/processes";

export interface Execution {
  readonly code: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

export interface ExecuteOptions {
  /** All that the command has. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Told the number of the process, which leads a group of its own, as soon as it runs. */
  readonly onSpawned?: (pid: number) => Promise<void>;
}

/** Runs a command to its end, with an environment of its own. @throws the signal's reason, once the command is gone */
export async function execute(
  command: string,
  arguments_: readonly string[],
  { environment, signal, onSpawned }: ExecuteOptions,
): Promise<Execution> {
  signal?.throwIfAborted();
  const child = spawn(command, arguments_, { detached: true, stdio: ["ignore", "pipe", "pipe"], env: environment });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  // a command that can't be started says so here, and closes
  child.on("error", (error) => chunks.push(Buffer.from(error.message)));
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) signalProcess(-child.pid, "SIGKILL");
  };
  signal?.addEventListener("abort", end, { once: true });
  try {
    if (child.pid !== undefined) await onSpawned?.(child.pid);
  } catch (error) {
    end();
    await closed;
    throw error;
  }
  const code = await closed;
  signal?.removeEventListener("abort", end);
  signal?.throwIfAborted();
  return { code, output: Buffer.concat(chunks).toString("utf8") };
}
