import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { signalProcess } from "../../kit/folders/processes";

/** A program that is measured. */
export interface Command {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** A file for its standard input. @default none */
  readonly input?: string;
  /** Beside the reader's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Timing {
  /** User and system time of the process and of those that it has waited for, from the kernel's accounts (getrusage). */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** What a program put out. */
export interface Output {
  readonly lines: number;
  readonly sha256: string;
}

/** A measured program failed. */
export class MeasuredProgramError extends Error {
  public override readonly name = "MeasuredProgramError";
  public constructor({ command }: Command, code: number | null, said: string) {
    super(`'${command.join(" ")}' failed with exit code ${String(code)}: ${said.trim().slice(-2_000) || "it says nothing"}`);
  }
}

/**
 * The shell's own `time`, which takes the times of its child from the kernel, to the millisecond; Node has no way to ask for them. What the
 * shell prints goes to a stream of its own.
 */
const TIMED = `exec 3>&2 2>&4; TIMEFORMAT='%R %U %S'; time "$@" 2>&3`;
/** Times with a point; bytes from 0x80 on are characters (`wc`); words in the order of their bytes. */
const LOCALE = { LC_ALL: "C.UTF-8" };

/**
 * Runs a program to its end and throws away what it puts out.
 *
 * @throws MeasuredProgramError, the signal's reason
 */
export const timedRun = (program: Command, signal: AbortSignal): Promise<Timing> => run(program, "ignore", signal);

/** Runs a program to its end and says what it put out: once before it is timed, for what prints little is soon done. */
export async function outputOf(program: Command, signal: AbortSignal): Promise<Output> {
  const hash = createHash("sha256");
  let lines = 0;
  await run(program, "pipe", signal, (block) => {
    hash.update(block);
    for (const byte of block) if (byte === 0x0a) lines += 1;
  });
  return { lines, sha256: hash.digest("hex") };
}

async function run(
  program: Command,
  output: "ignore" | "pipe",
  signal: AbortSignal,
  onOutput: (block: Uint8Array) => void = () => undefined,
): Promise<Timing> {
  signal.throwIfAborted();
  const input = program.input === undefined ? undefined : await open(program.input);
  try {
    const child = spawn("bash", ["-c", TIMED, "timed", ...program.command], {
      stdio: [input?.fd ?? "ignore", output, "pipe", "ignore", "pipe"],
      env: { ...process.env, ...program.environment, ...LOCALE },
      // a group of its own, which ends as a whole
      detached: true,
    });
    const end = (): void => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) signalProcess(-child.pid, "SIGKILL");
    };
    signal.addEventListener("abort", end, { once: true });
    const said: Buffer[] = [];
    const times: Buffer[] = [];
    child.stdout?.on("data", onOutput);
    child.stderr?.on("data", (block: Buffer) => said.push(block));
    (child.stdio[4] as Readable).on("data", (block: Buffer) => times.push(block));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    signal.removeEventListener("abort", end);
    signal.throwIfAborted();
    if (code !== 0) throw new MeasuredProgramError(program, code, Buffer.concat(said).toString());
    return timingOf(Buffer.concat(times).toString());
  } finally {
    await input?.close();
  }
}

function timingOf(text: string): Timing {
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = text.trim().split(" ").map(Number);
  if (!Number.isFinite(wall + user + system)) throw new Error(`the shell told no times but '${text.trim()}'; the benchmark needs bash`);
  return { wallSeconds: wall, cpuSeconds: user + system };
}
