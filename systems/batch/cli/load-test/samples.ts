import type { Clock } from "../../../../kit/ports/clock";
import type { GroupInstance } from "../../../../kit/ports/fleet-view";

/** The stack at one moment of the test. */
export interface Sample {
  /** Since the first copy request, by this machine's clock. */
  readonly seconds: number;
  /** Messages of the jobs queue, as SQS reports them. */
  readonly visible: number;
  readonly inFlight: number;
  /** Files of the load whose acknowledgement is in the results queue. */
  readonly acknowledged: number;
  /** Messages in the results queue, whoever sent them: a file that was announced twice may have two. */
  readonly results: number;
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
   * @returns the sample, undefined when none was so in time
   * @throws the signal's reason, and what a look throws
   */
  public async until(is: (sample: Sample) => boolean, limitSeconds: number, signal: AbortSignal): Promise<Sample | undefined> {
    const end = this.seconds + limitSeconds;
    for (;;) {
      signal.throwIfAborted();
      // a look takes a while itself: what it saw was so at its end at the latest
      const seen = await this.look();
      const sample = { seconds: this.seconds, ...seen };
      this.samples.push(sample);
      if (is(sample)) return sample;
      if (sample.seconds >= end) return undefined;
      await this.clock.sleep(this.pauseMilliseconds, signal);
    }
  }
}
