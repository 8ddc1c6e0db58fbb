import type { CallMeter } from "../../ports/call-meter";
import type { Clock } from "../../ports/clock";
import type { ServiceFaults } from "../../ports/service-faults";
import { CALL_ATTEMPTS, callPause } from "../../lib/retry-policy";
import type { FaultKind, FaultPlan } from "./faults";
import type { Random } from "./random";
import type { Trace } from "./trace";
import type { VirtualTime } from "./virtual-time";
import { ThrottledWriteError } from "./throughput";

/** A service answered with an error, or not at all, as often as the SDK tries. */
export class ServiceFaultError extends Error {
  public override readonly name = "ServiceFaultError";
  public constructor(service: string, operation: string, problem: string) {
    super(`${service} ${operation}: ${problem}`);
  }
}

/** The SDK's budget of a client for retries, and what one costs (@smithy/core 3.41, retries-2026-config). */
const RETRY_TOKENS = 500;
const RETRY_COST = 14;
const SUCCESS_REFUND = 1;

export type Service = "s3" | "dynamodb" | "sqs" | "sfn" | "autoscaling";
const ERRORS: Readonly<Partial<Record<Service, FaultKind>>> = {
  s3: "s3-error",
  dynamodb: "dynamodb-throttled",
  sqs: "sqs-error",
  sfn: "sfn-error",
};
const LOST_REPLIES: Readonly<Partial<Record<Service, FaultKind>>> = {
  s3: "s3-reply-lost",
  dynamodb: "dynamodb-reply-lost",
  sqs: "sqs-reply-lost",
  sfn: "sfn-reply-lost",
};

/** Latency at most once nothing goes wrong any more. */
export const CALM_LATENCY_MILLISECONDS = 15;

/** Ends the names of calls to the table of results. */
export const RESULTS_CLIENT = " of results";

/** What all processes of a world share. */
export interface ProcessWorld {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: FaultPlan;
  readonly trace: Trace;
  /** What a request, and a reply, travels at most, in milliseconds. */
  readonly latencyMilliseconds: number;
  /** Told of each call that DynamoDB refuses for want of capacity. @default nobody */
  readonly onThrottled?: ((operation: string) => void) | undefined;
  /** Retry tokens of a client. @default RETRY_TOKENS */
  readonly retryTokens?: number | undefined;
}

/** Drawn at each call of a process: it goes on, is killed there, stands still for some milliseconds, or its clock is set anew. */
export type Fate = "go" | (() => "go" | "killed" | { readonly pausedMilliseconds: number } | { readonly skewMilliseconds: number });

type Reply<T> = { readonly value: T } | { readonly error: unknown } | "unanswered";

/**
 * A process of the simulated world: a worker, an invocation of a Lambda, the operator's command. All that it does outside itself goes
 * through `call` and its clock; there it can be killed or paused. A killed process simply never goes on; what it has sent arrives.
 */
export class SimProcess {
  /** The process's own clock: its time may be wrong. */
  public readonly clock: Clock;
  /** Which errors of its calls say nothing of what was asked. */
  public readonly faults: ServiceFaults;
  /** Of its calls, as the SDK makes them. */
  public readonly calls: CallMeter;
  /** The call that got no answer in all its tries, until another is answered. */
  public lastFault: { readonly service: Service; readonly operation: string } | undefined;
  private readonly tokens = new Map<string, number>();
  private state: "alive" | "dead" = "alive";
  private attempts = 0;
  private pausedUntil = 0;
  private readonly onDeath: (() => void)[] = [];

  public constructor(
    public readonly name: string,
    private readonly world: ProcessWorld,
    private skewMilliseconds = 0,
    /** What befalls the process at each of its calls. */
    private readonly fate: Fate = "go",
  ) {
    this.faults = {
      isServiceFault: (error) => error instanceof ServiceFaultError,
      random: () => world.random.fraction(),
    };
    this.calls = {
      take: () => {
        const { attempts } = this;
        this.attempts = 0;
        return attempts;
      },
    };
    this.clock = {
      now: () => world.time.now() + this.skewMilliseconds,
      monotonic: () => world.time.monotonic(),
      sleep: async (milliseconds, signal) => {
        await world.time.sleep(milliseconds, signal);
        await this.awake();
      },
    };
  }

  public get isAlive(): boolean {
    return this.state === "alive";
  }

  /** Ends the process at once, as `kill -9` or the loss of its instance does. */
  public kill(cause: string): void {
    if (this.state === "dead") return;
    this.state = "dead";
    this.world.trace.add(this.name, "killed", { cause });
    for (const tell of this.onDeath.splice(0)) tell();
  }

  /** The process came to its end by itself. */
  public end(): void {
    this.state = "dead";
    this.onDeath.length = 0;
  }

  public whenKilled(tell: () => void): void {
    this.onDeath.push(tell);
  }

  /** Nothing of the process goes on for that long, though the world does. */
  public pause(milliseconds: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.world.time.now() + milliseconds);
    this.world.trace.add(this.name, "paused", { milliseconds });
  }

  /**
   * A call to a service: the request travels, is carried out, the reply travels. Errors and lost replies are retried as the SDK does,
   * so what was carried out may be carried out again.
   *
   * @param carryOut what the service does when the request arrives; what it throws is its answer
   */
  public async call<T>(service: Service, operation: string, carryOut: () => Promise<T>): Promise<T> {
    // results and ledger have a client each
    const client = operation.endsWith(RESULTS_CLIENT) ? RESULTS_CLIENT : service;
    for (let attempt = 1; ; attempt += 1) {
      this.attempts += 1;
      this.meetFate(service, operation, carryOut);
      const reply = await this.exchange(service, operation, carryOut);
      if (reply !== "unanswered") {
        this.lastFault = undefined;
        this.refund(client, attempt === 1 ? SUCCESS_REFUND : RETRY_COST);
        if ("error" in reply) throw reply.error;
        return reply.value;
      }
      if (attempt === CALL_ATTEMPTS || !this.mayRetry(client)) {
        this.lastFault = { service, operation };
        throw new ServiceFaultError(service, operation, `no answer in ${attempt} attempts`);
      }
      await this.clock.sleep(callPause(attempt, this.world.random.fraction()));
    }
  }

  private get fullTokens(): number {
    return this.world.retryTokens ?? RETRY_TOKENS;
  }

  private mayRetry(client: string): boolean {
    const tokens = this.tokens.get(client) ?? this.fullTokens;
    if (tokens < RETRY_COST) {
      this.world.faults.happened("retry-tokens-used-up");
      return false;
    }
    this.tokens.set(client, tokens - RETRY_COST);
    return true;
  }

  private refund(client: string, amount: number): void {
    const tokens = this.tokens.get(client);
    if (tokens !== undefined) this.tokens.set(client, Math.min(this.fullTokens, tokens + amount));
  }

  private meetFate(service: Service, operation: string, carryOut: () => Promise<unknown>): void {
    const fate = this.fate === "go" ? "go" : this.fate();
    if (fate === "go" || !this.isAlive) return;
    if (fate === "killed") {
      // half of them die with the request on its way
      if (this.world.random.chance(0.5)) void this.exchange(service, operation, carryOut);
      this.kill(`at ${service} ${operation}`);
      return;
    }
    if ("skewMilliseconds" in fate) this.setClock(fate.skewMilliseconds);
    else this.pause(fate.pausedMilliseconds);
  }

  /** Somebody sets the day's clock: what follows has another time, though none has passed. */
  private setClock(skewMilliseconds: number): void {
    this.skewMilliseconds = skewMilliseconds;
    this.world.trace.add(this.name, "clock set", { skewMilliseconds });
  }

  private exchange<T>(service: Service, operation: string, carryOut: () => Promise<T>): Promise<Reply<T>> {
    const { faults, time, trace } = this.world;
    return new Promise((resolve) => {
      if (!this.isAlive) return;
      time.after(this.latency(), () => {
        if (faults.strikes(ERRORS[service])) {
          trace.add(this.name, `${service} error`, { operation });
          if (service === "dynamodb") this.world.onThrottled?.(operation);
          this.resume(resolve, "unanswered");
          return;
        }
        const isLost = faults.strikes(LOST_REPLIES[service]);
        void carryOut().then(
          (value) => {
            if (isLost) trace.add(this.name, `${service} reply lost`, { operation });
            this.resume(resolve, isLost ? "unanswered" : { value });
          },
          (error: unknown) => {
            const isThrottled = error instanceof ThrottledWriteError;
            if (isThrottled) this.world.onThrottled?.(operation);
            this.resume(resolve, isThrottled ? "unanswered" : { error });
          },
        );
      });
    });
  }

  private resume<T>(resolve: (reply: Reply<T>) => void, reply: Reply<T>): void {
    this.world.time.after(this.latency(), () => {
      void this.awake().then(() => {
        resolve(reply);
      });
    });
  }

  /** Resolves at once for a running process, later for a paused one, never for a dead one. */
  private async awake(): Promise<void> {
    while (this.isAlive && this.pausedUntil > this.world.time.now()) {
      await this.world.time.sleep(this.pausedUntil - this.world.time.now());
    }
    if (!this.isAlive) await new Promise<never>(() => undefined);
  }

  private latency(): number {
    const { faults, latencyMilliseconds, random } = this.world;
    return random.int(1, faults.haveCeased ? CALM_LATENCY_MILLISECONDS : latencyMilliseconds);
  }
}
