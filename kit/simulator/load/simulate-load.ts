import { AlarmEngine } from "../../alarms/alarm-engine";
import { MetricStore } from "../../alarms/metric-store";
import { AutoScaling } from "../../scaling/auto-scaling";
import { ScalingRefusedError } from "../../scaling/errors";
import type { FleetCommand } from "../../scaling/group-members";
import type { ScalingGroup } from "../../scaling/scaling-group";
import { Random } from "../kernel/random";
import { EventLoop } from "./event-loop";
import type { DepthSample, InstanceLife, Load, LoadResult } from "./load";
import { LoadMachine } from "./load-machine";
import { LoadQueue } from "./load-queue";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MONTH_SECONDS = 30 * 24 * 3_600;
const EPOCH = 0;
/** So long after the last file it is looked whether instances end. */
const LONGEST_TAIL = 6 * HOUR;
/** So long the group stands before the load comes: its first cooldown, and its first warm-up, are over. */
const LEAD = HOUR;

/** Lives through a load. */
export const simulateLoad = (load: Load): LoadResult => new LoadSimulation(load).run();

/**
 * A queue, a group and its workers in virtual time: the policy engine and the alarms that the other two worlds have, and workers that take
 * as long for a file as they are said to. Nothing in it waits for a promise, so that a million files are some seconds.
 */
class LoadSimulation {
  private readonly time = new EventLoop();
  private readonly begin: number;
  private readonly queue = new LoadQueue();
  private readonly store = new MetricStore();
  private readonly alarms: AlarmEngine;
  private readonly scaling: AutoScaling;
  private readonly group: ScalingGroup;
  private readonly random: Random;
  private readonly machines = new Map<string, LoadMachine>();
  private readonly lives: InstanceLife[] = [];
  private readonly depth: DepthSample[] = [];
  /** Machines with a free slot and nothing to do. */
  private readonly hungry = new Set<LoadMachine>();
  private readonly due = { scaling: undefined as number | undefined };
  private sent = 0;
  private done = 0;
  private repeated = 0;
  private finishedAt: number | undefined;
  private settledAt: number | undefined;
  private nextStart = EPOCH;

  public constructor(private readonly load: Load) {
    let launched = 0;
    this.random = new Random(load.seed ?? 1);
    // a millisecond into the minute: its alarms have been evaluated
    this.begin = EPOCH + LEAD + (load.secondOfMinute ?? 0) * SECOND + 1;
    this.alarms = new AlarmEngine(load.alarms, this.store);
    this.scaling = new AutoScaling([load.group], () => `i-${++launched}`, EPOCH);
    const [group] = this.scaling.groups;
    if (group === undefined) throw new RangeError("a load needs a group");
    this.group = group;
  }

  public run(): LoadResult {
    const { arrivals, raises = [], untilSeconds = MONTH_SECONDS } = this.load;
    // those that are there when the load comes
    this.advance({ isReady: true });
    this.time.at(this.begin + (arrivals.startsAtSeconds ?? 0) * SECOND, () => {
      this.arrive();
    });
    for (const { atSeconds, capacity } of raises)
      this.time.at(this.begin + atSeconds * SECOND, () => {
        this.raiseTo(capacity, "the plan asked for it");
      });
    this.time.at(EPOCH + MINUTE, () => {
      this.minute();
    });
    const until = this.begin + untilSeconds * SECOND;
    this.time.run(() => this.isOver, until);
    return this.result();
  }

  /** Everything is done, and as few instances are left as the group may have, or nobody seems to end the others. */
  private get isOver(): boolean {
    return this.settledAt !== undefined || this.now > (this.finishedAt ?? Number.POSITIVE_INFINITY) + LONGEST_TAIL;
  }

  private get now(): number {
    return this.time.now;
  }

  private arrive(): void {
    const { atMostOpen = Number.POSITIVE_INFINITY, files, perSecond } = this.load.arrivals;
    const room = atMostOpen - (this.sent - this.done);
    const most = Math.min(files - this.sent, room, perSecond ?? files);
    for (let count = 0; count < most; count += 1) this.queue.push(this.sent + count);
    this.sent += Math.max(0, most);
    if (this.sent < files)
      this.time.after(SECOND, () => {
        this.arrive();
      });
    this.feed();
  }

  /** Gives what waits to those that have nothing to do. */
  private feed(): void {
    for (const machine of this.hungry) {
      if (this.queue.visible === 0) return;
      this.hungry.delete(machine);
      this.work(machine);
    }
  }

  /** Takes messages as far as there are, and begins as many as there are slots. */
  private work(machine: LoadMachine): void {
    const { receivesAhead } = this.load;
    while (machine.freeSlots > 0) {
      const file = machine.ahead.shift() ?? (machine.isDraining ? undefined : this.queue.take());
      if (file === undefined) break;
      this.begins(machine, file);
    }
    while (!machine.isDraining && machine.freeSlots === 0 && machine.ahead.length < receivesAhead) {
      const file = this.queue.take();
      if (file === undefined) break;
      machine.ahead.push(file);
    }
    if (machine.freeSlots > 0 && !machine.isDraining) this.hungry.add(machine);
    if (machine.isIdle) this.idle(machine);
  }

  private begins(machine: LoadMachine, file: number): void {
    const { arrivals, filesPerSecond } = this.load;
    machine.busy.add(file);
    // what services bear is given out in turn
    const start = filesPerSecond === undefined ? this.now : Math.max(this.now, this.nextStart);
    if (filesPerSecond !== undefined) this.nextStart = start + SECOND / filesPerSecond;
    this.time.at(start + machine.timeFor(arrivals.bytesOf(file), start), () => {
      if (!machine.busy.delete(file)) return;
      machine.files += 1;
      this.done += 1;
      this.queue.delete();
      if (this.done === arrivals.files) this.finishedAt = this.now;
      this.work(machine);
    });
  }

  private idle(machine: LoadMachine): void {
    const since = this.now;
    machine.idleSince = since;
    const { idleRetireSeconds } = this.load;
    if (machine.isDraining) this.drained(machine);
    else if (idleRetireSeconds !== undefined)
      this.time.after(idleRetireSeconds * SECOND, () => {
        // no difference of times: parts of milliseconds don't add up
        if (!machine.isAlive || !machine.isIdle || machine.idleSince !== since) return;
        this.ask(() => {
          this.group.terminate(machine.id, this.now, { lowersDesired: true, reason: "its worker has had nothing to do" });
        });
        // refused at the minimum: it asks again after as long
        if (this.machines.has(machine.id) && !machine.isDraining) this.idle(machine);
      });
  }

  /** A minute is over: metrics, alarms, and whoever looks each minute. */
  private minute(): void {
    const { metricDelaySeconds = 0, orchestrator, queueName } = this.load;
    const { inFlight, visible } = this.queue;
    const report = (name: string, value: number): void => {
      this.store.add({ namespace: "AWS/SQS", name, dimensions: { QueueName: queueName } }, this.now - MINUTE, value);
    };
    // a queue that nothing came to yet sleeps
    if (this.sent > 0) {
      report("ApproximateNumberOfMessagesVisible", visible);
      if (inFlight > 0) report("ApproximateNumberOfMessagesNotVisible", inFlight);
    }
    const inService = this.group.instances.filter(({ state }) => state === "InService").length;
    this.depth.push({ atSeconds: this.seconds(this.now), visible, inFlight, inService });
    // it asks the queue itself
    if (orchestrator !== undefined)
      this.raiseTo(Math.ceil((visible + inFlight) / orchestrator.messagesPerWorker), "the orchestrator saw messages");
    const { actions } = this.alarms.evaluate(this.now);
    this.time.after(metricDelaySeconds * SECOND, () => {
      for (const action of actions) this.scaling.execute(action, this.now);
      this.advance();
    });
    this.time.after(MINUTE, () => {
      this.minute();
    });
    this.settle();
  }

  private raiseTo(capacity: number, reason: string): void {
    const within = Math.min(this.group.settings.maximum, capacity);
    if (within <= this.group.desired) return;
    this.group.setDesired(within, this.now, { reason });
    this.advance();
  }

  /** A call that Auto Scaling may refuse, which then means "not now". */
  private ask(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (!(error instanceof ScalingRefusedError)) throw error;
    }
    this.advance();
  }

  private advance({ isReady = false } = {}): void {
    for (let asked = this.scaling.advance(this.now); asked.length > 0; asked = this.scaling.advance(this.now))
      for (const command of asked.flatMap(({ commands }) => commands)) this.carryOut(command, isReady);
    const next = this.scaling.nextDue();
    if (next !== undefined && next !== this.due.scaling) {
      this.due.scaling = next;
      this.time.at(next, () => {
        this.advance();
      });
    }
    this.settle();
  }

  private carryOut(command: FleetCommand, isReady: boolean): void {
    if (command.kind === "launch") this.launch(command.instance, isReady);
    else if (command.kind === "terminate")
      this.end(command.instanceId, () => {
        this.group.ended(command.instanceId, this.now);
      });
    else if (command.hook.transition === "autoscaling:EC2_INSTANCE_LAUNCHING")
      this.group.completeHook(command.instanceId, command.hook.name, "CONTINUE", this.now);
    else this.drain(command.instanceId);
  }

  private launch({ id, instanceType, market, zone }: Extract<FleetCommand, { kind: "launch" }>["instance"], isReady: boolean): void {
    const { accountInstances = Number.POSITIVE_INFINITY, secondsToInService, secondsToWork, spotLosses, typeOf } = this.load;
    if (this.machines.size >= accountInstances) {
      this.group.refused(id, this.now, "the account's quota of vCPUs is used up");
      return;
    }
    const machine = new LoadMachine({ id, instanceType, market, zone }, typeOf(instanceType), this.now);
    this.machines.set(id, machine);
    this.time.after(isReady ? 0 : secondsToInService * SECOND, () => {
      this.group.running(id, this.now);
      this.advance();
    });
    this.time.after(isReady ? 0 : secondsToWork * SECOND, () => {
      if (!machine.isAlive) return;
      machine.workingAt = this.now;
      this.work(machine);
    });
    if (market === "spot" && spotLosses !== undefined && spotLosses.perHour > 0) {
      const hours = -Math.log(1 - this.random.fraction()) / spotLosses.perHour;
      this.time.after(hours * HOUR, () => {
        this.interrupt(machine, spotLosses.noticeSeconds);
      });
    }
  }

  private interrupt(machine: LoadMachine, noticeSeconds: number): void {
    if (!machine.isAlive) return;
    this.stopTaking(machine);
    this.time.after(noticeSeconds * SECOND, () => {
      this.end(machine.id, () => {
        this.group.lost(machine.id, this.now, "its spot instance was taken back");
      });
    });
  }

  /** It finishes what it works on, and gives back what it has not begun. */
  private stopTaking(machine: LoadMachine): void {
    machine.isDraining = true;
    this.hungry.delete(machine);
    for (const file of machine.ahead.splice(0)) this.queue.giveBack(file);
    this.feed();
  }

  private drain(id: string): void {
    const machine = this.machines.get(id);
    if (machine === undefined) return;
    this.stopTaking(machine);
    if (machine.isIdle) this.drained(machine);
  }

  /** @see the hook that holds it: nobody need wait any longer */
  private drained(machine: LoadMachine): void {
    const held = this.group.instances.find(({ id }) => id === machine.id)?.held;
    if (held === undefined) return;
    this.group.completeHook(machine.id, held.hook.name, "CONTINUE", this.now);
    this.advance();
  }

  private end(id: string, tell: () => void): void {
    const machine = this.machines.get(id);
    if (machine === undefined || !machine.isAlive) return;
    machine.isAlive = false;
    this.hungry.delete(machine);
    this.machines.delete(id);
    this.lives.push(this.lifeOf(machine, this.now));
    const lost = [...machine.busy, ...machine.ahead];
    machine.busy.clear();
    this.repeated += lost.length;
    // nobody gives them back: they come when their time is over
    if (lost.length > 0)
      this.time.after(this.load.visibilitySeconds * SECOND, () => {
        for (const file of lost) this.queue.giveBack(file);
        this.feed();
      });
    tell();
    this.advance();
  }

  private settle(): void {
    if (this.finishedAt === undefined || this.settledAt !== undefined) return;
    if (this.machines.size <= this.group.settings.minimum) this.settledAt = this.now;
  }

  private seconds(at: number): number {
    return (at - this.begin) / SECOND;
  }

  private lifeOf(machine: LoadMachine, endedAt: number | undefined): InstanceLife {
    const { files, launchedAt, place, workingAt } = machine;
    const seconds = (at: number | undefined): number | undefined => (at === undefined ? undefined : this.seconds(at));
    return { ...place, launchedAt: this.seconds(launchedAt), workingAt: seconds(workingAt), endedAt: seconds(endedAt), files };
  }

  private result(): LoadResult {
    return {
      seconds: this.finishedAt === undefined ? undefined : this.seconds(this.finishedAt),
      settledSeconds: this.settledAt === undefined ? undefined : this.seconds(this.settledAt),
      instances: [...this.lives, ...[...this.machines.values()].map((machine) => this.lifeOf(machine, undefined))],
      repeated: this.repeated,
      depth: this.depth,
      activities: this.group.activities.map(({ cause, description, startedAt, status }) => ({
        atSeconds: this.seconds(startedAt),
        description,
        cause,
        status,
      })),
    };
  }
}
