import { spawn } from "node:child_process";

export interface Execution {
  readonly code: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Runs a command with an environment of its own. @throws the signal's reason, once the command is gone */
export async function execute(
  command: string,
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Execution> {
  signal?.throwIfAborted();
  const child = spawn(command, arguments_, {
    stdio: ["ignore", "pipe", "pipe"],
    env: environment,
    ...(signal === undefined ? {} : { signal, killSignal: "SIGKILL" }),
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  // an aborted child emits its AbortError first, and "close" when it is really gone
  child.on("error", (error) => chunks.push(Buffer.from(error.message)));
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  signal?.throwIfAborted();
  return { code, output: Buffer.concat(chunks).toString("utf8") };
}
