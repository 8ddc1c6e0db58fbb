import type { Clock } from "../kit/ports/clock";
import type { StopCause } from "../systems/batch/core/chunk-work/chunk-control";
import type { LogEvent } from "../kit/lib/log";
import { MAXIMUM_QUEUE_ENTRIES } from "../kit/lib/service-limits";
import { present } from "../kit/lib/present";
import { AloneGate } from "./alone-gate";
import type { Collector } from "./collector";
import type { Job, JobSource } from "./job";
import type { Lease } from "./lease";
import type { LeaseKeeper } from "./lease-keeper";
import { pause } from "./pause";
import { Poller } from "./poller";
import { Slot, type SlotDeps } from "./slot";

export interface WorkerOptions {
  /** 1 to 16. */
  readonly slots: number;
  readonly leaseSeconds: number;
  /** Idle time after which `run` ends with `idle`; never when absent. */
  readonly idleSeconds?: number | undefined;
}

/** Why a run ended: it was told to, it had nothing to do, or a newer version is deployed. */
export type RunEnd = "stopped" | "idle" | "outdated";

export interface WorkerDeps {
  readonly sources: readonly JobSource[];
  readonly leases: LeaseKeeper;
  readonly collector: Collector;
  readonly slot: Omit<SlotDeps, "stopCause" | "draining">;
  /** Why it is told to stop, once it is. */
  readonly stopCause: () => StopCause;
  /** Whether it takes nothing new for a while, and goes on with what it has. */
  readonly rests: () => boolean;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/** A timer can't be set for ever. */
const LONGEST_PAUSE_MILLISECONDS = 3_600_000;
const NEVER = new AbortController().signal;

/** Pollers, slots and collector of one worker process; `run` ends drained. */
export class Worker {
  private readonly waiting: Job[] = [];
  private readonly idleSlots: Slot[];
  private readonly busy = new Map<Promise<void>, Lease>();
  private readonly changed = new Set<() => void>();
  private readonly draining = new AbortController();
  private readonly gate = new AloneGate();
  private busyAt: number;

  public constructor(
    private readonly deps: WorkerDeps,
    private readonly options: WorkerOptions,
  ) {
    this.busyAt = deps.clock.monotonic();
    const slotDeps: SlotDeps = {
      ...deps.slot,
      stopCause: () => (this.draining.signal.aborted ? deps.stopCause() : undefined),
      draining: this.draining.signal,
    };
    this.idleSlots = Array.from({ length: options.slots }, (_, index) => new Slot(index, slotDeps));
  }

  /** Whether a slot holds on to work that it was told to leave so long ago, or longer. */
  public isStuckFor(milliseconds: number): boolean {
    const now = this.deps.clock.monotonic();
    return [...this.busy.values()].some(({ lostAt = Number.POSITIVE_INFINITY }) => now - lostAt >= milliseconds);
  }

  /** Whether jobs are under way or wait for a slot: what one of them leaves to send may wait for the next one's. */
  public get hasMoreToCome(): boolean {
    return !this.draining.signal.aborted && this.busy.size + this.waiting.length > 0;
  }

  /**
   * Works until told to stop or idle for too long, then drains: poller, slots, collector, in that order (requirement S1.47). Once
   * `outdated` it takes nothing more, and finishes what it has before it drains.
   *
   * @returns why it ended
   */
  public async run(stop: AbortSignal, outdated: AbortSignal = NEVER): Promise<RunEnd> {
    const polling = new AbortController();
    const leasing = new AbortController();
    const leaseLoop = this.deps.leases.run(leasing.signal);
    const pollers = this.deps.sources.map((source) => this.poller(source).run(polling.signal));
    const end = await this.untilEnd(stop, outdated);
    if (end === "outdated") {
      polling.abort();
      await Promise.all(pollers);
      await this.untilDone(stop);
    }
    this.deps.log("info", "drain_started", { cause: end, busySlots: this.busy.size, waitingJobs: this.waiting.length });
    this.draining.abort();
    this.deps.collector.hurry();
    polling.abort();
    await Promise.all(pollers);
    await this.giveBackWaiting();
    this.deps.log("info", "poller_stopped", {});
    await Promise.all(this.busy.keys());
    this.deps.log("info", "slots_stopped", {});
    await this.deps.collector.drain();
    this.deps.log("info", "collector_stopped", {});
    leasing.abort();
    await leaseLoop;
    return end;
  }

  /** A rest is over: it looks for work again, and is idle from now on at the earliest. */
  public wake(): void {
    this.busyAt = this.deps.clock.monotonic();
    this.notify();
  }

  private poller(source: JobSource): Poller {
    return new Poller(source, this.deps, {
      leaseSeconds: this.options.leaseSeconds,
      wanted: () => this.wanted(source),
      take: (jobs) => {
        this.take(jobs);
      },
      untilChanged: (signal) => this.untilChanged(signal),
    });
  }

  /** Messages to ask for now: chunks at most the free slots, upload events in groups of ten while a slot is free. */
  private wanted(source: JobSource): number {
    if (this.deps.rests()) return 0;
    // a chunk that is worked on alone keeps others out: other workers have room for them
    if (!this.gate.open) return 0;
    // a slot that doesn't leave what it was told to leave may be the end of this host, and of all that it has then
    if (this.isStuckFor(0)) return 0;
    const free = this.idleSlots.length - this.waiting.length;
    if (free <= 0) return 0;
    return source.kind === "chunk" ? Math.min(free, MAXIMUM_QUEUE_ENTRIES) : MAXIMUM_QUEUE_ENTRIES;
  }

  private take(jobs: readonly Job[]): void {
    this.waiting.push(...jobs);
    this.dispatch();
  }

  private dispatch(): void {
    while (this.waiting.length > 0 && this.idleSlots.length > 0 && this.gate.open && !this.draining.signal.aborted) {
      const slot = present(this.idleSlots.shift(), "a free slot");
      const job = present(this.waiting.shift(), "a waiting job");
      const work = slot.run(job, this.gate.enter()).finally(() => {
        this.busy.delete(work);
        this.idleSlots.push(slot);
        this.busyAt = this.deps.clock.monotonic();
        this.dispatch();
        if (!this.hasMoreToCome) this.deps.collector.hurry();
        this.notify();
      });
      this.busy.set(work, job.lease);
    }
  }

  private async giveBackWaiting(): Promise<void> {
    for (const { lease } of this.waiting.splice(0)) await this.deps.leases.giveBack(lease);
  }

  private async untilDone(stop: AbortSignal): Promise<void> {
    while (!stop.aborted && this.busy.size + this.waiting.length > 0) await this.untilChanged(stop);
  }

  private async untilEnd(stop: AbortSignal, outdated: AbortSignal): Promise<RunEnd> {
    const idleMilliseconds = (this.options.idleSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
    const end = AbortSignal.any([stop, outdated]);
    while (!end.aborted) {
      const idleFor = this.busy.size > 0 || this.deps.rests() ? 0 : this.deps.clock.monotonic() - this.busyAt;
      if (idleFor >= idleMilliseconds) return "idle";
      await pause(this.deps.clock, Math.min(idleMilliseconds - idleFor, LONGEST_PAUSE_MILLISECONDS), end);
    }
    return stop.aborted ? "stopped" : "outdated";
  }

  private notify(): void {
    const waiters = [...this.changed];
    this.changed.clear();
    for (const waiter of waiters) waiter();
  }

  /** Resolves when a slot became free, or when aborted; not asked of a signal that is aborted already. */
  private untilChanged(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        this.changed.delete(done);
        resolve();
      };
      signal.addEventListener("abort", done);
      this.changed.add(done);
    });
  }
}
