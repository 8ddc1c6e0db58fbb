import { readFileSync, readlinkSync } from "node:fs";
import path from "node:path";

/** Signals by which a process is asked to end: Ctrl-C, `kill`, a terminal that was closed. */
export const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** What `process` is, as far as signals need it. */
export interface SignalSource {
  on(name: StopSignal, listener: (name: StopSignal) => void): unknown;
  off(name: StopSignal, listener: (name: StopSignal) => void): unknown;
}

/** What is known of how the process was started. */
export interface SignalFacts {
  /** true: standard output or error is a terminal, which can hang up. */
  readonly hasTerminal: boolean;
  /** Signals that the shell which started the process ignores. */
  readonly ignoredByShell: ReadonlySet<StopSignal>;
}

/**
 * Listens for signals, but for those that were ignored when the process was started: they stay without effect.
 *
 * Node sets every signal to its default when it starts, so the process can't ask what was ignored, and a signal that nobody listens for
 * would end it. What is taken instead (docs/adr/0014-signals-and-outputs.md):
 * - SIGHUP counts only where a terminal can hang up. `nohup` leaves neither standard output nor standard error on one; a process
 *   without a terminal goes on.
 * - SIGINT and SIGHUP count for nothing below a shell that ignores them (`trap '' INT`), where the system shows that (Linux).
 * - SIGTERM always counts: interactive shells ignore it for themselves only.
 *
 * @returns takes the listeners away
 */
export function onStopSignals(
  source: SignalSource,
  { hasTerminal, ignoredByShell }: SignalFacts,
  listener: (name: StopSignal) => void,
): () => void {
  const counts = (name: StopSignal): boolean => name === "SIGTERM" || (!ignoredByShell.has(name) && (name !== "SIGHUP" || hasTerminal));
  const listeners = STOP_SIGNALS.map((name) => ({ name, listen: counts(name) ? listener : ignore }));
  for (const { name, listen } of listeners) source.on(name, listen);
  return () => {
    for (const { name, listen } of listeners) source.off(name, listen);
  };
}

/** Of this process; to be asked at its start, while the parent is the one that started it. */
export const readSignalFacts = (): SignalFacts => ({
  hasTerminal: process.stdout.isTTY || process.stderr.isTTY,
  ignoredByShell: ignoredByShell(
    known(() => readlinkSync(`/proc/${process.ppid}/exe`)),
    known(() => readFileSync(`/proc/${process.ppid}/status`, "utf8")),
  ),
});

/** Other programs ignore signals for themselves only: C's system() ignores SIGINT while its child runs, which does not. */
const SHELLS = new Set(["sh", "ash", "bash", "busybox", "dash", "ksh", "ksh93", "mksh", "yash", "zsh"]);
const NUMBERS = { SIGHUP: 1, SIGINT: 2 } as const;

/**
 * @param program path of the parent's program, undefined when it can't be known
 * @param status what `/proc/<pid>/status` says of it
 */
export function ignoredByShell(program: string | undefined, status: string | undefined): ReadonlySet<StopSignal> {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status ?? "")?.[1];
  if (program === undefined || mask === undefined || !SHELLS.has(path.basename(program))) return new Set();
  const ignores = (number: number): boolean => ((BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n) === 1n;
  return new Set((["SIGHUP", "SIGINT"] as const).filter((signal) => ignores(NUMBERS[signal])));
}

function known(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    // no Linux, or the parent is gone or another user's: then nothing is known to be ignored
    return undefined;
  }
}

const ignore = (): void => undefined;
