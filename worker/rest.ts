import type { LogEvent } from "../kit/lib/log";
import type { Clock } from "../kit/ports/clock";
import type { RebalanceRecommendations } from "../kit/ports/spot-notices";
import { pause } from "./pause";
import { untilTold } from "./until-told";

/**
 * A recommendation may come with the interruption notice or before it, and says nothing of when. What is begun in the minutes after it is
 * likeliest to be cut; a chunk takes seconds, so that what is begun later loses little (docs/adr/0038-an-end-that-waits.md).
 */
export const REST_MILLISECONDS = 3 * 60_000;
/** From the beginning of a rest to the next: recommendations may come in waves, and a worker rests a fifth of its time at most. */
export const BETWEEN_RESTS_MILLISECONDS = 15 * 60_000;

export interface RestDeps {
  /** Absent: it never rests. */
  readonly recommendations?: RebalanceRecommendations;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/**
 * What a worker makes of EC2's recommendation to leave its spot instance: it takes nothing new for a while, and nothing else. It finishes
 * what it has and keeps its instance, which may well live on while no other can be had.
 */
export class Rest {
  private restsUntil = Number.NEGATIVE_INFINITY;
  private beganAt = Number.NEGATIVE_INFINITY;

  /** @param onOver called when a rest is over */
  public constructor(
    private readonly deps: RestDeps,
    private readonly onOver: () => void,
  ) {}

  public get isOn(): boolean {
    return this.deps.clock.monotonic() < this.restsUntil;
  }

  /** Runs until aborted; never rejects. */
  public async run(ended: AbortSignal): Promise<void> {
    const { clock, log, recommendations } = this.deps;
    if (recommendations === undefined) return;
    let heard: string | undefined;
    const ask = async (): Promise<string | undefined> => {
      const at = await recommendations.latest();
      // the metadata service goes on saying it as long as the instance lives
      return at === heard ? undefined : at;
    };
    const onFailure = (error: unknown): void => {
      log("warn", "rebalance_watch_failed", { error });
    };
    for (;;) {
      heard = (await untilTold({ ask, onFailure }, clock, ended)) ?? heard;
      if (ended.aborted || heard === undefined) return;
      const milliseconds = this.restAfter(heard);
      log("info", "rebalance_recommended", { at: heard, restsSeconds: Math.round(milliseconds / 1_000) });
      if (milliseconds === 0) continue;
      this.beganAt = clock.monotonic();
      this.restsUntil = this.beganAt + milliseconds;
      await pause(clock, milliseconds, ended);
      this.onOver();
    }
  }

  /** A recommendation of long ago was rested for before this process was started, or has come to nothing. */
  private restAfter(at: string): number {
    const { clock } = this.deps;
    if (clock.monotonic() - this.beganAt < BETWEEN_RESTS_MILLISECONDS) return 0;
    const age = clock.now() - Date.parse(at);
    // a clock that is wrong costs no more than one rest
    return Number.isNaN(age) ? 0 : Math.min(REST_MILLISECONDS, Math.max(0, REST_MILLISECONDS - age));
  }
}
