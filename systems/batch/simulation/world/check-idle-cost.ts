import type { FaultKind } from "../../../../kit/simulator/kernel/faults";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";
import { GIVEN_UP_MILLISECONDS } from "./check-cost";
import { BOOT_SECONDS } from "./ec2";
import type { World } from "./world";

/** A worker drains, asks, and its instance goes down. */
const LEAVING_MILLISECONDS = 3 * MINUTE;
/** Where alarms make a group smaller: a minute until one fires, then one instance after the other, with a cooldown of two minutes. */
const SCALED_IN_MILLISECONDS = 5 * MINUTE;

/** Hosts are given up one by one, with each run of the reconciler. */
const NEXT_GIVEN_UP_MILLISECONDS = 5 * MINUTE;
/** What leaves hosts behind that nobody hears of. */
const SILENCING: readonly FaultKind[] = ["host-stuck", "host-never-starts", "worker-paused"];

interface Rest {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly hosts: number;
  readonly strikes: number;
}

/**
 * What hosts cost once there is nothing to do: each is idle for as long as it may be, and goes. One that booted then is idle for as long,
 * and one that shows no sign of life is given up. Each fault that strikes meanwhile may cost another host's life: one that is lost is
 * replaced, and one that could not ask to go is idle again.
 */
export class IdleCostCheck {
  private rest: Rest | undefined;

  public constructor(private readonly world: World) {}

  /** To be called whenever something may have changed. */
  public look(isWorkLeft: boolean): void {
    if (isWorkLeft) this.rest = undefined;
    else this.rest ??= { since: this.world.time.now(), hosts: this.world.fleet.size, strikes: this.strikes };
  }

  /** To be called when the world is at its end. */
  public check(): void {
    if (this.rest === undefined) return;
    const { deployed, facts, fleet, time } = this.world;
    // until its time is over, a demand keeps workers that have nothing to do
    const since = Math.max(this.rest.since, ...[...facts.demands.values()].map(({ until }) => Math.min(until, time.now())));
    const lives = this.rest.hosts + this.strikes - this.rest.strikes;
    const kept = deployed.group.minimum * (time.now() - since);
    const paid = fleet.paid.since(since);
    const most = kept + lives * this.lifeMilliseconds;
    if (paid > most)
      facts.violate(
        6,
        `after the last work instances were paid for ${minutes(paid)} minutes, at most ${minutes(most)} were to be (${lives} lives of hosts)`,
      );
  }

  /** Of a host that has nothing to do, at most. */
  private get lifeMilliseconds(): number {
    const { deployed, expectations, faults, settings } = this.world;
    const { idleSeconds, maximumWorkers } = settings;
    const boot = (faults.mayHappen("launch-slow") ? BOOT_SECONDS.slow : BOOT_SECONDS.usual) * SECOND;
    if (!deployed.isOrchestrated) return boot + maximumWorkers * SCALED_IN_MILLISECONDS;
    const maySilence = SILENCING.some((kind) => faults.mayHappen(kind)) || expectations.hangingCount > 0;
    const givenUp = maySilence ? GIVEN_UP_MILLISECONDS + (maximumWorkers - 1) * NEXT_GIVEN_UP_MILLISECONDS : 0;
    return boot + idleSeconds * SECOND + LEAVING_MILLISECONDS + givenUp;
  }

  private get strikes(): number {
    return Object.values(this.world.faults.counts).reduce((sum, count) => sum + count, 0);
  }
}

const minutes = (milliseconds: number): number => Math.round(milliseconds / MINUTE);
