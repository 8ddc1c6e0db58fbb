import type { Random } from "./random";

/**
 * What can go wrong, and how often at most: the rate is per opportunity (a call, a message, an invocation, a minute of an instance).
 * A world draws for each kind whether it happens there at all and how often, so that worlds differ: one is only throttled, another
 * loses workers and replies.
 */
export const FAULTS = {
  "s3-error": { lowest: 0.005, highest: 0.2 },
  "s3-reply-lost": { lowest: 0.005, highest: 0.1 },
  "s3-transfer-broken": { lowest: 0.01, highest: 0.1 },
  "s3-transfer-stalled": { lowest: 0.005, highest: 0.05 },
  "dynamodb-throttled": { lowest: 0.005, highest: 0.3 },
  "dynamodb-reply-lost": { lowest: 0.005, highest: 0.15 },
  "write-capacity-used-up": { lowest: 0.3, highest: 1 },
  "retry-tokens-used-up": { lowest: 0.3, highest: 1 },
  "sqs-error": { lowest: 0.005, highest: 0.2 },
  "sqs-reply-lost": { lowest: 0.005, highest: 0.1 },
  "sqs-delivered-twice": { lowest: 0.02, highest: 0.6 },
  "sqs-delayed": { lowest: 0.02, highest: 0.3 },
  "sqs-in-flight-limit": { lowest: 0.02, highest: 0.2 },
  "sfn-error": { lowest: 0.005, highest: 0.2 },
  "sfn-reply-lost": { lowest: 0.01, highest: 0.2 },
  "sfn-message-sent-twice": { lowest: 0.01, highest: 0.2 },
  "sfn-execution-aborted": { lowest: 0.2, highest: 0.8 },
  "lambda-crashed": { lowest: 0.01, highest: 0.2 },
  "lambda-throttled": { lowest: 0.01, highest: 0.3 },
  "lambda-concurrency-used-up": { lowest: 0.3, highest: 1 },
  "lambda-invoked-twice": { lowest: 0.01, highest: 0.15 },
  "event-lost": { lowest: 0.05, highest: 0.9 },
  "event-delivered-twice": { lowest: 0.05, highest: 0.5 },
  "worker-killed": { lowest: 0.002, highest: 0.03 },
  "worker-paused": { lowest: 0.002, highest: 0.03 },
  "host-stuck": { lowest: 0.0005, highest: 0.006 },
  "host-never-starts": { lowest: 0.3, highest: 1 },
  "spot-notice": { lowest: 0.02, highest: 0.3 },
  "spot-loss-without-notice": { lowest: 0.02, highest: 0.2 },
  "clock-skewed": { lowest: 0.2, highest: 1 },
  "clock-stepped": { lowest: 0.002, highest: 0.05 },
  "row-garbled": { lowest: 0.2, highest: 1 },
  "command-killed": { lowest: 0.01, highest: 0.3 },
  "disk-full": { lowest: 0.001, highest: 0.02 },
  "rebalance-recommended": { lowest: 0.1, highest: 1 },
  "instance-ended": { lowest: 0.02, highest: 0.3 },
  "zone-lost": { lowest: 0.02, highest: 0.2 },
  "capacity-refused": { lowest: 0.05, highest: 0.5 },
  "launch-slow": { lowest: 0.05, highest: 0.5 },
  "metrics-missing": { lowest: 0.02, highest: 0.3 },
  "alarms-late": { lowest: 0.1, highest: 1 },
} as const satisfies Record<string, { readonly lowest: number; readonly highest: number }>;
export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export type FaultCounts = Partial<Record<FaultKind, number>>;

/** Worlds in which a kind of fault happens. */
const KIND_SHARE = 0.35;
/** Worlds without any fault: there invariants hold in their strict form (exactly one completion message). */
const UNDISTURBED_SHARE = 0.05;

/** A time zone or two, and more than any lease. */
const MAXIMUM_STEP_MILLISECONDS = 2 * 3_600_000;

/** Which kinds of faults happen in a world, and how often, per opportunity. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

/** Which faults happen in one world. */
export class FaultPlan {
  public readonly counts: FaultCounts = {};
  private readonly rates = new Map<FaultKind, number>();
  private quiet = false;

  /**
   * @param isUndisturbed nothing goes wrong until `begin`. @default drawn, and rarely so
   * @param without kinds that don't happen, whatever is drawn. @default all do
   * @param provoked kinds that do happen, whatever is drawn. @default none is sure to
   */
  public constructor(
    private readonly random: Random,
    isUndisturbed = false,
    without: readonly FaultKind[] = [],
    provoked: readonly FaultKind[] = [],
  ) {
    if (isUndisturbed || (random.chance(UNDISTURBED_SHARE) && provoked.length === 0)) return;
    for (const kind of FAULT_KINDS) {
      const rate = random.logUniform(FAULTS[kind].lowest, FAULTS[kind].highest);
      const isDrawn = random.chance(KIND_SHARE) || provoked.includes(kind);
      if (isDrawn && !without.includes(kind)) this.rates.set(kind, rate);
    }
  }

  /** How often each kind of fault of this world happens, per opportunity. */
  public get drawn(): FaultRates {
    return Object.fromEntries(this.rates);
  }

  public get isUndisturbed(): boolean {
    return this.rates.size === 0;
  }

  /** Whether processes may be lost for no reason of their own. */
  public get mayLose(): boolean {
    const losing: readonly FaultKind[] = [
      "worker-killed",
      "worker-paused",
      "host-stuck",
      "spot-notice",
      "spot-loss-without-notice",
      "zone-lost",
      "lambda-crashed",
      "lambda-invoked-twice",
      // a claim whose holder's clock is wrong may seem over
      "clock-stepped",
    ];
    return losing.some((kind) => this.rates.has(kind));
  }

  public get haveCeased(): boolean {
    return this.quiet;
  }

  /** From now on nothing goes wrong any more: what was disturbed must come to its end. */
  public cease(): void {
    this.quiet = true;
  }

  /** From now on these faults happen, too; those that have ceased happen again. */
  public begin(rates: FaultRates): void {
    this.quiet = false;
    for (const kind of FAULT_KINDS) if (rates[kind] !== undefined) this.rates.set(kind, rates[kind]);
  }

  /** Whether the fault happens here; counted when it does. */
  public strikes(kind: FaultKind | undefined): boolean {
    if (kind === undefined) return false;
    const rate = this.rates.get(kind);
    if (rate === undefined || this.quiet || !this.random.chance(rate)) return false;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    return true;
  }

  /** As `draw`, short times as likely as long ones. */
  public drawLogUniform(minimum: number, maximum: number): number {
    return Math.round(this.random.logUniform(minimum, maximum));
  }

  /** How far off a clock is that somebody set wrong, forwards or back, in milliseconds. */
  public drawStep(): number {
    return this.random.int(-MAXIMUM_STEP_MILLISECONDS, MAXIMUM_STEP_MILLISECONDS);
  }

  /** Whether the kind is one of those that happen in this world at all. */
  public mayHappen(kind: FaultKind): boolean {
    return this.rates.has(kind);
  }

  /** Whether a limit of the world is on, decided once; what it does is counted by `happened`. */
  public limits(kind: FaultKind): boolean {
    const rate = this.rates.get(kind);
    return rate !== undefined && this.random.chance(rate);
  }

  /** Counts what a limit of the world did. */
  public happened(kind: FaultKind): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** A random number for what a fault does (how long, when). */
  public draw(minimum: number, maximum: number): number {
    return this.random.int(minimum, maximum);
  }
}
