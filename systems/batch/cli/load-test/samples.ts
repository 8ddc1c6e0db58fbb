import type { Clock } from "../../../../kit/ports/clock";
import type { GroupInstance } from "../../../../kit/ports/fleet-view";

/** The stack at one moment of the test. */
export interface Sample {
  /** When the look began, since the first copy request, by this machine's clock. */
  readonly seconds: number;
  /** Messages of the jobs queue, as SQS reports them. */
  readonly visible: number;
  readonly inFlight: number;
  /** Files of the load whose acknowledgement is in the results queue. */
  readonly acknowledged: number;
  /** Messages in the results queue, whoever sent them: a file that was announced twice may have two. */
  readonly results: number;
  /** Desired capacity of the group. */
  readonly desired: number;
  readonly instances: readonly GroupInstance[];
  /** Names of alarms that are in the state ALARM. */
  readonly alarms: readonly string[];
}

/** A sample without its time. */
export type Look = () => Promise<Omit<Sample, "seconds">>;

/** Looks at the stack again and again, and keeps what it saw. Time begins when it is made. */
export class Sampler {
  public readonly samples: Sample[] = [];
  private readonly zero: number;

  /** @param pauseMilliseconds between the end of a look and the next one */
  public constructor(
    private readonly look: Look,
    private readonly clock: Clock,
    private readonly pauseMilliseconds: number,
  ) {
    this.zero = clock.monotonic();
  }

  public get seconds(): number {
    return (this.clock.monotonic() - this.zero) / 1_000;
  }

  /**
   * Samples until one is as it should be.
   *
   * @param limitSeconds how long at most
   * @returns when one was seen to be so: the end of its look, for what it saw was so by then; undefined: none was in time
   * @throws the signal's reason, and what a look throws
   */
  public async until(is: (sample: Sample) => boolean, limitSeconds: number, signal: AbortSignal): Promise<number | undefined> {
    const end = this.seconds + limitSeconds;
    for (;;) {
      signal.throwIfAborted();
      const { seconds } = this;
      const sample = { ...(await this.look()), seconds };
      this.samples.push(sample);
      if (is(sample)) return this.seconds;
      if (this.seconds >= end) return undefined;
      await this.clock.sleep(this.pauseMilliseconds, signal);
    }
  }
}
