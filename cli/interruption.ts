import { InterruptedError } from "./errors";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Interruption {
  /** Aborted with InterruptedError by Ctrl-C, SIGTERM, or a terminal that was closed. */
  readonly signal: AbortSignal;
  readonly release: () => void;
}

/**
 * Turns signals into an abort. A second one doesn't end the process either: what is being taken down must go down, and a process
 * that dies in between leaves an emulator behind.
 *
 * @param onRepeated called for each signal after the first
 */
export function listenForInterruption(source: NodeJS.Process, onRepeated: () => void): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) onRepeated();
    else controller.abort(new InterruptedError());
  };
  for (const name of SIGNALS) source.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) source.off(name, onSignal);
    },
  };
}
