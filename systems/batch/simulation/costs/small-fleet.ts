import type { SilentHostsDeps } from "../../core/capacity/replace-silent-hosts";
import { replaceSilentHosts } from "../../core/capacity/replace-silent-hosts";
import { RowLedger } from "../../core/ledger/row-ledger";
import { orchestrate } from "../../core/capacity/orchestrate";
import { FLEET_BOOT_SECONDS } from "../../core/pricing/estimate";
import type { ScaledGroup } from "../../../../kit/scaling/auto-scaling";
import { DEFAULT_COOLDOWN_SECONDS } from "../../../../kit/scaling/definition";
import type { ScalingPolicy } from "../../../../kit/scaling/policy";
import { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { Trace } from "../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import { Fleet, type FleetHooks } from "../world/fleet";
import { MINUTE, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";

/** As systems/batch/config/dev.ts. */
const TERMINATION_TIMEOUT_SECONDS = 300;

export interface SmallFleetSettings {
  readonly maximum: number;
  readonly slotsPerWorker: number;
  /** Hosts that are launched before it never start. */
  readonly startsFrom: number;
  readonly runWorker: FleetHooks["runWorker"];
  /** A policy of the group that is told each minute of messages that wait, as an alarm on a queue tells it. @default none */
  readonly policy?: ScalingPolicy;
}

const POLICY_ARN = "arn:aws:autoscaling:::scalingPolicy:beside";

/** The fleet's group as far as it matters here: workers end themselves. */
const groupOf = ({ maximum, policy }: SmallFleetSettings): ScaledGroup => ({
  definition: {
    name: "fleet",
    minimum: 0,
    maximum,
    desired: 0,
    zones: ["a"],
    mix: { instanceTypes: ["large"], onDemandBase: 0, onDemandPercentage: 0 },
    launchTemplateVersion: "$Latest",
    protectsNewInstances: true,
    terminationPolicies: ["Default"],
    capacityRebalance: false,
    suspended: ["AZRebalance"],
    defaultCooldownSeconds: DEFAULT_COOLDOWN_SECONDS,
    warmUpSeconds: FLEET_BOOT_SECONDS,
    hooks: [
      {
        name: "drain",
        transition: "autoscaling:EC2_INSTANCE_TERMINATING",
        heartbeatTimeoutSeconds: TERMINATION_TIMEOUT_SECONDS,
        defaultResult: "CONTINUE",
      },
    ],
  },
  policies: new Map(policy === undefined ? [] : [[POLICY_ARN, policy]]),
});

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
      groupOf(settings),
      { startsFrom: () => settings.startsFrom },
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
    if (settings.policy !== undefined) for (const queue of [this.jobs, this.chunks]) this.each(MINUTE, () => this.alarm(queue));
    this.each(MINUTE, () => this.orchestrate());
    this.each(5 * MINUTE, () => replaceSilentHosts(this.repairs()));
  }

  /** Hours of instances until then. */
  public async hoursUntil(isOver: () => boolean, milliseconds: number): Promise<number> {
    await this.time.run(isOver, START_MILLISECONDS + milliseconds);
    return this.fleet.paid.since(START_MILLISECONDS) / 3_600_000;
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

  /** As an alarm does for as long as something is visible in a queue. */
  private async alarm(queue: MemoryQueue): Promise<void> {
    const { visible } = await queue.read();
    if (visible > 0) this.fleet.act({ alarm: { name: "messages-wait", threshold: 1 }, arn: POLICY_ARN, value: visible });
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
