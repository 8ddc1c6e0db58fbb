import { onStopSignals, type SignalFacts, type SignalSource } from "../aws/stop-signals";
import { InterruptedError } from "./command-errors";

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
export function listenForInterruption(source: SignalSource, facts: SignalFacts, onRepeated: () => void): Interruption {
  const controller = new AbortController();
  const release = onStopSignals(source, facts, () => {
    if (controller.signal.aborted) onRepeated();
    else controller.abort(new InterruptedError());
  });
  return { signal: controller.signal, release };
}
