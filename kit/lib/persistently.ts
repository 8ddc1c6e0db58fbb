import type { Clock } from "../ports/clock";
import type { ServiceFaults } from "../ports/service-faults";
import { callPause } from "./retry-policy";
import { within } from "./within";

/** A ledger that doesn't answer must not keep a message: of the 120 s that a spot notice leaves this is a small part. */
const PATIENCE_MILLISECONDS = 5_000;

export interface PersistentDeps {
  readonly clock: Clock;
  readonly faults: ServiceFaults;
}

/**
 * Makes a call by which a slot gives up what it holds: a ledger that is throttled just now must not make it look like a dead one.
 *
 * @param what for the error's words
 * @param call that does no harm when it is made again
 * @throws what the call throws when it is no service's fault, and its last error after 5 s
 */
export function persistently<T>({ clock, faults }: PersistentDeps, what: string, call: () => Promise<T>): Promise<T> {
  const latest = clock.monotonic() + PATIENCE_MILLISECONDS;
  const attempt = async (): Promise<T> => {
    for (let retry = 1; ; retry += 1) {
      try {
        return await call();
      } catch (error) {
        const pauseMilliseconds = callPause(retry, faults.random());
        if (!faults.isServiceFault(error) || clock.monotonic() + pauseMilliseconds >= latest) throw error;
        await clock.sleep(pauseMilliseconds);
      }
    }
  };
  return within(clock, PATIENCE_MILLISECONDS, what, attempt());
}
