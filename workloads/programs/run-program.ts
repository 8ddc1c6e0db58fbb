import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { codeOf } from "../../kit/folders/system-errors";
import { present } from "../../kit/lib/present";
import { CapturedComplaint, CapturedOutput } from "./captured";
import { ProcessFamily, RUN_MARK } from "./process-family";
import { abortionOf, failureOf } from "./races";
import { guardRun, type GuardedRun } from "./run-guard";
import { Stopper, type LimitName } from "./stopper";
import { usedDisk } from "./used-disk";
import { watch } from "./watch";

export interface ProgramLimits {
  readonly timeMilliseconds: number;
  readonly memoryBytes: number;
  /** What it may write below `folder`. */
  readonly diskBytes: number;
  /** What it may print on standard output. */
  readonly outputBytes: number;
}

export interface Program {
  /** Path or name of the program, which is looked for in the environment's PATH. */
  readonly file: string;
  readonly arguments: readonly string[];
  /** All that it has. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** What belongs to the run; the working folder lies in it. */
  readonly folder: string;
  /** File that is its standard input. @default it has none */
  readonly input?: string | undefined;
  readonly limits: ProgramLimits;
}

export interface RunContext {
  /** Called at least five times a second, with bytes that amount to progress. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type ProgramEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: NodeJS.Signals }
  /** It was ended, since it went past a limit. */
  | { readonly kind: "stopped"; readonly limit: LimitName }
  /** There is no such program, or it is none. */
  | { readonly kind: "not-started"; readonly problem: string };

export interface ProgramRun {
  readonly end: ProgramEnd;
  /** What it printed, if that was not too much. */
  readonly output: Buffer;
  /** The end of what it said on standard error, in one line. */
  readonly complaint: string;
}

/** What is printed arrives at once when nobody is left to print; somebody who could not be found may hold the other end open. */
const CLOSE_MILLISECONDS = 1_000;
/** Errors of starting that are about the program and not about the machine: not found, not executable, not a program. */
const PROGRAM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "not found",
  ENOTDIR: "not found",
  EACCES: "not executable",
  EPERM: "not executable",
  ENOEXEC: "no program that this machine can run",
  ELOOP: "a link that leads to itself",
};

type Exit = Extract<ProgramEnd, { readonly kind: "exited" | "killed" }>;

/**
 * Runs a program within limits, in a process group of its own; when this returns or throws, the program and what it has started are gone
 * (`ProcessFamily`), and should this process be killed, they are ended as well (`guardRun`). Past its time it gets SIGTERM and 2 s later
 * SIGKILL; past another limit SIGKILL.
 *
 * @throws the signal's reason; what keeps the machine from starting or watching a program
 */
export async function runProgram(program: Program, { onProgress, signal }: RunContext): Promise<ProgramRun> {
  signal?.throwIfAborted();
  const mark = randomUUID();
  const guarded = await guardRun(mark);
  try {
    return await runMarked(program, { onProgress, signal }, mark, guarded);
  } finally {
    guarded.close();
  }
}

async function runMarked(program: Program, { onProgress, signal }: RunContext, mark: string, guarded: GuardedRun): Promise<ProgramRun> {
  const diskBefore = await usedDisk([program.folder]);
  const started = await start(program, mark);
  if ("problem" in started) return { end: { kind: "not-started", ...started }, output: Buffer.alloc(0), complaint: "" };
  const { exited, closed, pid, output, complaint } = started;
  guarded.tellGroup(pid);
  const { limits, folder } = program;
  const family = new ProcessFamily(pid, mark, folder);
  const over = new AbortController();
  const stopper = new Stopper(family, limits.timeMilliseconds);
  const onExcess = stopper.stop.bind(stopper);
  const diskLimitBytes = diskBefore + limits.diskBytes;
  const watching = watch(
    { family, folders: [folder], memoryLimitBytes: limits.memoryBytes, diskLimitBytes, onProgress, onExcess },
    over.signal,
  );
  void output.excess.then(() => {
    stopper.stop("output");
  });
  let exit: Exit;
  try {
    exit = await Promise.race([exited, failureOf(watching), abortionOf(signal, over.signal)]);
  } finally {
    over.abort();
    stopper.clear();
    await family.end();
    await Promise.race([closed, delay(CLOSE_MILLISECONDS, undefined, { ref: false })]);
    started.destroy();
  }
  await watching;
  // what is over in less time than lies between two looks may have printed and written as well
  if (output.isExcessive) stopper.limit ??= "output";
  if ((await usedDisk([folder])) > diskLimitBytes) stopper.limit ??= "disk";
  const end: ProgramEnd = stopper.limit === undefined ? exit : { kind: "stopped", limit: stopper.limit };
  return { end, output: output.bytes, complaint: complaint.text };
}

interface Started {
  readonly pid: number;
  readonly output: CapturedOutput;
  readonly complaint: CapturedComplaint;
  readonly exited: Promise<Exit>;
  /** Resolves when nobody can print any more and all was read. */
  readonly closed: Promise<unknown>;
  /** Lets go of the pipes. */
  destroy(): void;
}

async function start(program: Program, mark: string): Promise<Started | { readonly problem: string }> {
  const input = program.input === undefined ? undefined : await open(program.input, "r");
  try {
    const child = spawn(program.file, program.arguments, {
      cwd: program.workingFolder,
      env: { ...program.environment, [RUN_MARK]: mark },
      detached: true,
      stdio: [input?.fd ?? "ignore", "pipe", "pipe"],
    });
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error("a program was started without its pipes");
    // at once: what nobody listens to when the program ends is thrown away
    const output = new CapturedOutput(stdout, program.limits.outputBytes);
    const complaint = new CapturedComplaint(stderr);
    const closed = Promise.all([closing(stdout), closing(stderr)]);
    const exited = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => {
        resolve(signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "killed", signal });
      });
    });
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    const destroy = (): void => {
      stdout.destroy();
      stderr.destroy();
    };
    return { pid: present(child.pid, "the number of a started process"), output, complaint, exited, closed, destroy };
  } catch (error) {
    const problem = PROGRAM_ERRORS[codeOf(error)];
    if (problem === undefined) throw error;
    return { problem };
  } finally {
    await input?.close();
  }
}

const closing = (stream: Readable): Promise<void> => new Promise((resolve) => stream.once("close", resolve));
