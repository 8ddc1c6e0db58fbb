import type { LogEvent } from "../kit/lib/log";
import type { Retirement } from "../kit/ports/capacity";
import type { Clock } from "../kit/ports/clock";
import type { Ledger } from "../systems/batch/ports/ledger";
import type { Worker } from "./worker";

export interface ServeDeps {
  readonly makeWorker: () => Pick<Worker, "run">;
  /** What plans demand, for which a worker stays; undefined for one that they don't count on. */
  readonly demand: Pick<Ledger, "demandedCapacity"> | undefined;
  readonly clock: Clock;
  readonly log: LogEvent;
  /** How this worker ends its own instance; absent where nothing retires (coursework, local). */
  readonly retirement?: Retirement | undefined;
  /** Aborted once a newer version is deployed, asked for anew for each run; undefined where nobody looks for one. */
  readonly outdated?: () => AbortSignal | undefined;
}

/**
 * Works until told to stop, or until idle and allowed to retire: an idle worker stops polling, drains, looks at the demand for
 * capacity once more and only then asks the group to end its instance (invariant 6). An outdated one finishes what it has and asks
 * to be replaced. A refusal means: go on.
 */
export async function serve(deps: ServeDeps, stop: AbortSignal): Promise<"stopped" | "retired"> {
  for (;;) {
    const end = await deps.makeWorker().run(stop, deps.outdated?.());
    if (end === "stopped" || stop.aborted) return "stopped";
    if (await leaves(deps, end)) return "retired";
  }
}

/** A question that could not be asked is a refusal too: the worker goes on and asks again the next time. */
async function leaves(deps: ServeDeps, end: "idle" | "outdated"): Promise<boolean> {
  try {
    return await (end === "idle" ? askToRetire(deps) : askToBeReplaced(deps));
  } catch (error) {
    deps.log("error", "retirement_failed", { error });
    return false;
  }
}

async function askToRetire({ clock, demand, log, retirement }: ServeDeps): Promise<boolean> {
  if (retirement === undefined) return false;
  const demanded = (await demand?.demandedCapacity(Math.floor(clock.now() / 1_000))) ?? 0;
  if (demanded > 0) {
    log("info", "retirement_refused", { reason: "capacity is demanded", demandedWorkers: demanded });
    return false;
  }
  const accepted = await retirement.retire();
  log("info", accepted ? "worker_retired" : "retirement_refused", accepted ? {} : { reason: "the group is at its minimum" });
  return accepted;
}

async function askToBeReplaced({ log, retirement }: ServeDeps): Promise<boolean> {
  if (retirement === undefined) return false;
  const accepted = await retirement.replace();
  log("info", accepted ? "worker_replaced" : "retirement_refused", accepted ? {} : { reason: "the group is busy" });
  return accepted;
}
