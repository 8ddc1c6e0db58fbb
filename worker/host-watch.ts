import { isOutdated, type HostVersion } from "../systems/batch/core/capacity/worker-version";
import type { LogEvent } from "../kit/lib/log";
import type { Clock } from "../kit/ports/clock";
import type { Ledger } from "../systems/batch/ports/ledger";
import { within } from "../kit/lib/within";
import { pause } from "./pause";

/** $0.03 a worker and month of writes; five that don't come make a host silent (systems/batch/core/capacity/replace-silent-hosts.ts). */
const NOTE_MILLISECONDS = 60_000;
/** A ledger that doesn't answer must not keep a worker from ending. */
const LOOK_MILLISECONDS = 10_000;

export interface HostWatchDeps {
  readonly ledger: Pick<Ledger, "noteHost" | "workerVersion">;
  readonly clock: Clock;
  readonly log: LogEvent;
}

export interface HostIdentity extends HostVersion {
  readonly workerId: string;
}

/**
 * Gives the host's signs of life, as long as its work gets on, and finds out whether a newer version of the worker is deployed. A host
 * that gives none is replaced; it can't do so itself, for what is stuck does nothing. The first sign comes after a minute: a worker that
 * dies soon after each of its starts gives none.
 */
export class HostWatch {
  private newer = new AbortController();

  public constructor(
    private readonly deps: HostWatchDeps,
    private readonly host: HostIdentity,
    /** Whether a slot holds on to work that it was told to leave, for longer than progress may take. */
    private readonly isStuck: () => boolean,
  ) {}

  /**
   * Aborted at the next look that finds a newer version deployed; then there is another signal. So a worker whose replacement was
   * refused works on until the look after that.
   */
  public get outdated(): AbortSignal {
    return this.newer.signal;
  }

  /** Runs until aborted; never rejects. */
  public async run(ended: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.deps.clock, NOTE_MILLISECONDS, ended);
      if (ended.aborted) return;
      try {
        await within(this.deps.clock, LOOK_MILLISECONDS, "a sign of life", this.look());
      } catch (error) {
        this.deps.log("warn", "host_watch_failed", { error });
      }
    }
  }

  private async look(): Promise<void> {
    const { clock, ledger, log } = this.deps;
    const { host } = this;
    const { version, workerId: worker } = host;
    if (this.isStuck()) log("error", "host_stuck", {});
    else await ledger.noteHost({ worker, at: clock.now(), version });
    const deployed = await ledger.workerVersion();
    if (!isOutdated(host, deployed)) return;
    log("info", "worker_outdated", { version, deployed: deployed?.version });
    const found = this.newer;
    this.newer = new AbortController();
    found.abort();
  }
}
