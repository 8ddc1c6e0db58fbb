import { z } from "zod";

/** Which calls a rule is for; all of them when empty. Calls that the emulator makes inside itself are never meant. */
export interface CallFilter {
  /** `service:Operation` as `LocalStack.calls` counts them, such as `s3:GetObject`; `s3:*` for a whole service. @default all */
  readonly operation?: `${string}:${string}`;
  /** Regular expression (Python's) on the caller's ARN, such as `assumed-role/wordfreq-worker`. @default all */
  readonly caller?: string;
  /** Regular expression on what the call is about: `/bucket/key` for S3, the body for others. @default all */
  readonly matching?: string;
}

/** How often a rule hits what it is for: by chance, or a number of times in a row. Both: by chance, at most so often. */
export interface Frequency {
  /** 0 to 1. @default 1 */
  readonly probability?: number;
  /** @default without end */
  readonly next?: number;
}

export const CALL_FAULTS = [
  /** Answers 500 instead of carrying the call out. */
  "internal-error",
  /** Answers 503 instead of carrying the call out: `SlowDown` in S3, `ServiceUnavailable` elsewhere. */
  "slow-down",
  /** Answers 400 `ProvisionedThroughputExceededException` as DynamoDB does, instead of carrying the call out. */
  "throughput-exceeded",
  /** Resets the connection before the call is carried out. */
  "drop-request",
  /** Carries the call out, then resets the connection: the reply is lost. */
  "drop-reply",
  /** Carries the call out and ends the connection in the middle of the reply's body. */
  "cut-reply",
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/**
 * A fault, and what it is for. The first rule that hits a call wins.
 *
 * - `delay-reply` carries the call out and answers `seconds` later.
 * - `duplicate-message` gives a received message out again `seconds` later, with the same id and body and another receipt;
 *   deleting the one does not delete the other: at-least-once delivery.
 * - `delay-message` hides a message from its first receive for `seconds`.
 */
export type FaultRule =
  | (CallFilter & Frequency & { readonly kind: CallFault })
  | (CallFilter & Frequency & { readonly kind: "delay-reply"; readonly seconds: number })
  | (Frequency & {
      readonly kind: "duplicate-message" | "delay-message";
      readonly seconds: number;
      /** Regular expression on the queue's name. @default all queues */
      readonly matching?: string;
    });
export type FaultKind = FaultRule["kind"] | "away";

const tallySchema = z.record(z.string(), z.record(z.string(), z.int().min(1)));
const answerSchema = z.object({ counts: tallySchema, callers: tallySchema });
/** How often each kind of fault has hit, by `service:Operation`, or by queue for the faults of messages. */
export type FaultCounts = Readonly<Partial<Record<FaultKind, Readonly<Record<string, number>>>>>;

/** The emulator refused an order. */
export class FaultOrderError extends Error {
  public override readonly name = "FaultOrderError";
  public constructor(endpoint: string, status: number, problem: string) {
    super(`the emulator at ${endpoint} refused the faults (status ${status}): ${problem}; correct the rule`);
  }
}

/** Orders faults from an emulator of this machine (`kit/local/emulator/faults.py`). None happen until `set` is called. */
export class Faults {
  /**
   * @param endpoint `http://127.0.0.1:PORT` of a local stack
   * @param controlSecret of that stack
   */
  public constructor(
    private readonly endpoint: string,
    private readonly controlSecret: string,
  ) {}

  /** Replaces all rules and sets the counts to 0. @param seed of every probability: the same calls in the same order are hit again */
  public async set(rules: readonly FaultRule[], seed: number): Promise<void> {
    await this.order("PUT", { seed, rules });
  }

  /** Ends every fault. */
  public clear(): Promise<void> {
    return this.set([], 0);
  }

  /** From now on every connection is reset without an answer, those that wait for one included. Counted as `away`. */
  public async goAway(seconds: number): Promise<void> {
    await this.order("POST", { awaySeconds: seconds });
  }

  /** What has hit since the last `set`. */
  public async counts(): Promise<FaultCounts> {
    return (await this.order("GET")).counts;
  }

  /** Whose calls were hit since the last `set`, by ARN; a local worker's session is called `worker-N`. */
  public async callers(): Promise<FaultCounts> {
    return (await this.order("GET")).callers;
  }

  private async order(method: "GET" | "POST" | "PUT", body?: object): Promise<z.output<typeof answerSchema>> {
    const response = await fetch(`${this.endpoint}/_filemill/faults`, {
      method,
      headers: { "x-filemill-control": this.controlSecret },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new FaultOrderError(this.endpoint, response.status, text);
    return answerSchema.parse(JSON.parse(text));
  }
}

/** Number of hits of a kind, whatever it hit. */
export const hits = (counts: FaultCounts, kind: FaultKind): number =>
  Object.values(counts[kind] ?? {}).reduce((sum, count) => sum + count, 0);
