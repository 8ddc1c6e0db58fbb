import { FAULT_KINDS, type FaultKind } from "../../../../kit/simulator/kernel/faults";
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
/** What leaves hosts behind that nobody hears of, and hosts that come late. */
const DELAYING: readonly FaultKind[] = ["host-stuck", "host-never-starts", "worker-paused", "launch-slow"];

interface Rest {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly hosts: number;
  /** Faults that had struck by then. */
  readonly strikes: number;
  readonly delays: number;
}

/**
 * What hosts cost once there is nothing to do: each is idle for as long as it may be, and goes; one that came late is idle for as long, and
 * one that shows no sign of life is given up. Each fault that strikes meanwhile may cost another host's life: one that is lost is replaced,
 * and one that could not ask to go is idle again.
 */
export class IdleCostCheck {
  private rest: Rest | undefined;

  public constructor(private readonly world: World) {}

  /** To be called whenever something may have changed. */
  public look(isWorkLeft: boolean): void {
    if (isWorkLeft) this.rest = undefined;
    else
      this.rest ??= {
        since: this.world.time.now(),
        hosts: this.world.fleet.size + (this.world.onDemandFleet?.size ?? 0),
        strikes: this.strikes(FAULT_KINDS),
        delays: this.strikes(DELAYING),
      };
  }

  /** To be called when the world is at its end. */
  public check(): void {
    if (this.rest === undefined) return;
    const { deployed, facts, fleet, onDemandFleet, time } = this.world;
    const { delays, hosts, strikes } = this.rest;
    // until its time is over, a demand keeps workers that have nothing to do
    const since = Math.max(this.rest.since, ...[...facts.demands.values()].map(({ until }) => Math.min(until, time.now())));
    const lives = hosts + this.strikes(FAULT_KINDS) - strikes;
    const late = (this.mayBeLate ? hosts : 0) + this.strikes(DELAYING) - delays;
    const kept = deployed.group.minimum * (time.now() - since);
    const most = kept + lives * this.lifeMilliseconds + late * this.latenessMilliseconds;
    const paid = fleet.paid.since(since) + (onDemandFleet?.paid.since(since) ?? 0);
    if (paid > most)
      facts.violate(
        6,
        `after the last work instances were paid for ${minutes(paid)} minutes, at most ${minutes(most)} were to be (${lives} lives of hosts)`,
      );
  }

  /** Of a host that has nothing to do, at most. */
  private get lifeMilliseconds(): number {
    const { deployed, settings } = this.world;
    const { idleSeconds, maximumWorkers } = settings;
    const going = deployed.isOrchestrated ? idleSeconds * SECOND + LEAVING_MILLISECONDS : maximumWorkers * SCALED_IN_MILLISECONDS;
    return BOOT_SECONDS.usual * SECOND + going;
  }

  /** Of a host that boots slowly, or shows no sign of life, more at most. */
  private get latenessMilliseconds(): number {
    const { deployed, settings } = this.world;
    const waited = deployed.terminationTimeoutSeconds * SECOND;
    const givenUp =
      GIVEN_UP_MILLISECONDS + (settings.maximumWorkers + (deployed.onDemandGroup?.maximum ?? 0) - 1) * NEXT_GIVEN_UP_MILLISECONDS + waited;
    return Math.max(BOOT_SECONDS.slow * SECOND, givenUp);
  }

  private get mayBeLate(): boolean {
    const { expectations, faults } = this.world;
    return DELAYING.some((kind) => faults.mayHappen(kind)) || expectations.hangingCount > 0;
  }

  private strikes(kinds: readonly FaultKind[]): number {
    return kinds.reduce((sum, kind) => sum + (this.world.faults.counts[kind] ?? 0), 0);
  }
}

const minutes = (milliseconds: number): number => Math.round(milliseconds / MINUTE);
