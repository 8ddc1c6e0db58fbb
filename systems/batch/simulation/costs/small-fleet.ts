import type { SilentHostsDeps } from "../../core/capacity/replace-silent-hosts";
import { replaceSilentHosts } from "../../core/capacity/replace-silent-hosts";
import { RowLedger } from "../../core/ledger/row-ledger";
import { orchestrate } from "../../core/capacity/orchestrate";
import { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { Trace } from "../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import { Fleet, type FleetHooks } from "../world/fleet";
import { watchQueues } from "../world/scaling-alarms";
import { MINUTE, SECOND, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";

/** As systems/batch/config/dev.ts. */
const TERMINATION_TIMEOUT_MILLISECONDS = 300 * SECOND;

export interface SmallFleetSettings {
  readonly maximum: number;
  readonly slotsPerWorker: number;
  /** Hosts that are launched before it never start. */
  readonly startsFrom: number;
  readonly runWorker: FleetHooks["runWorker"];
}

/** A fleet with its queues, orchestrator and repairs, and nothing that goes wrong: for what it costs. */
export class SmallFleet {
  public readonly time = new VirtualTime(START_MILLISECONDS);
  public readonly jobs = this.queue("jobs");
  public readonly chunks = this.queue("chunks");
  public readonly ledger = new RowLedger(new MemoryRowStore(), this.time);
  public readonly fleet: Fleet;

  public constructor(private readonly settings: SmallFleetSettings) {
    const trace = new Trace(START_MILLISECONDS, () => this.time.now(), false);
    const faults = new FaultPlan(new Random(1), true);
    this.fleet = new Fleet(
      { time: this.time, random: new Random(1), faults, trace, latencyMilliseconds: 1 },
      {
        maximum: settings.maximum,
        startsFrom: () => settings.startsFrom,
        terminationTimeoutMilliseconds: TERMINATION_TIMEOUT_MILLISECONDS,
      },
      {
        runWorker: settings.runWorker,
        onInterruption: () => undefined,
        onLoss: () => undefined,
        onClockStepped: () => undefined,
        onRetired: () => undefined,
        onKeptWaiting: () => undefined,
        onLiveReplaced: () => undefined,
      },
    );
    watchQueues({
      time: this.time,
      fleet: this.fleet,
      trace,
      memoryQueues: { jobs: this.jobs, chunks: this.chunks },
      facts: { jobsWaitedAt: 0 },
    });
    this.each(MINUTE, () => this.orchestrate());
    this.each(5 * MINUTE, () => replaceSilentHosts(this.repairs()));
  }

  /** Hours of instances until then. */
  public async hoursUntil(isOver: () => boolean, milliseconds: number): Promise<number> {
    await this.time.run(isOver, START_MILLISECONDS + milliseconds);
    return this.fleet.paidMilliseconds / 3_600_000;
  }

  public orchestrate(): Promise<unknown> {
    return orchestrate({
      ...this.repairs(),
      ledger: this.ledger,
      jobs: this.jobs,
      chunks: this.chunks,
      capacity: this.fleet,
      jobsPerWorker: 10,
      slotsPerWorker: this.settings.slotsPerWorker,
    });
  }

  private repairs(): SilentHostsDeps {
    return { ledger: this.ledger, hosts: this.fleet, clock: this.time, log: () => undefined };
  }

  private each(milliseconds: number, run: () => Promise<unknown>): void {
    this.time.after(milliseconds, () => {
      void run();
      this.each(milliseconds, run);
    });
  }

  private queue(name: string): MemoryQueue {
    return new MemoryQueue({ name, clock: this.time, random: () => 0.5 });
  }
}
