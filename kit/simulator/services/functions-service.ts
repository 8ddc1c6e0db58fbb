import type { EventInvokeConfig } from "../stack/types/lambda";
import { SimProcess, type ProcessWorld } from "../kernel/sim-process";
import { SECOND } from "../kernel/times";

type AsynchronousEvents = Omit<EventInvokeConfig, "functionName">;

/** What an invocation knows of itself. */
export interface Invocation {
  readonly process: SimProcess;
  readonly requestId: string;
  readonly remainingMilliseconds: () => number;
}

export interface SimFunction {
  readonly timeoutSeconds: number;
  readonly run: (payload: unknown, invocation: Invocation) => Promise<unknown>;
  /** @default LAMBDAS_OWN */
  readonly asynchronousEvents?: AsynchronousEvents;
}

/** An invocation that did not end well; `error` is the name that Step Functions would match. */
export class FunctionError extends Error {
  public override readonly name = "FunctionError";
  public constructor(
    public readonly error: string,
    message: string,
  ) {
    super(message);
  }
}

/** What Lambda does with asynchronous events if nothing else is configured. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const LAMBDAS_OWN: AsynchronousEvents = { retries: 2, maximumAgeSeconds: 6 * 3_600 };
/** Before the second attempt of an asynchronous event that failed, and before the third. The same page. */
const RETRY_PAUSES_SECONDS = [60, 120];
/**
 * One that is throttled goes back into the queue, however few retries are configured: for a second first, then for longer, up to this. The
 * same page.
 */
const LONGEST_THROTTLED_SECONDS = 300;
const THROTTLED = "Lambda.TooManyRequestsException";

/** An event that nobody waited for and that failed to the end. */
export interface FailedEvent {
  /** ARN of the queue that is told. */
  readonly queueArn: string;
  /** Of what Lambda sends there, the event. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  readonly record: {
    readonly version: "1.0";
    readonly requestContext: { readonly condition: "EventAgeExceeded" | "RetriesExhausted" };
    readonly requestPayload: unknown;
  };
}

/** Told of what Lambda reports of its functions. */
export interface FunctionsObserver {
  /** @returns tells that it is over */
  readonly started: (functionName: string) => (hasFailed: boolean) => void;
  readonly throttled: (functionName: string) => void;
}

/** Calls of an invocation among which a crash is drawn. */
const CRASH_CALLS = 25;

/** Lambda: each invocation is a process of its own, which can crash, be throttled or run twice. */
export class FunctionsService {
  private started = 0;
  private running = 0;

  public constructor(
    private readonly world: ProcessWorld & {
      readonly onLoss: (functionName: string, payload: unknown, requestId: string) => void;
      readonly onTwice: (functionName: string, payload: unknown) => void;
      /** An event failed to the end, and the function has a queue for such events. @default it is dropped */
      readonly onFailedEvent?: (failure: FailedEvent) => void;
      /** @default nobody */
      readonly observer?: FunctionsObserver | undefined;
      /** Invocations that the account lets run at the same time. @default no limit that matters */
      readonly concurrency?: number | undefined;
    },
    private readonly functions: Readonly<Record<string, SimFunction>>,
  ) {}

  public get isIdle(): boolean {
    return this.running === 0;
  }

  /** @throws FunctionError */
  public async invoke(name: string, payload: unknown): Promise<unknown> {
    const { faults, time } = this.world;
    await time.sleep(this.world.random.int(5, 60));
    if (this.running >= (this.world.concurrency ?? Number.POSITIVE_INFINITY)) {
      faults.happened("lambda-concurrency-used-up");
      this.world.observer?.throttled(name);
      throw new FunctionError(THROTTLED, "Rate Exceeded.");
    }
    if (faults.strikes("lambda-throttled")) {
      this.world.observer?.throttled(name);
      throw new FunctionError(THROTTLED, "Rate Exceeded.");
    }
    if (faults.strikes("lambda-invoked-twice")) {
      this.world.onTwice(name, payload);
      time.after(faults.draw(0, 20) * SECOND, () => {
        this.run(name, payload).catch(() => undefined); // nobody waits for its answer
      });
      // half of the time because the first one's host is lost: the caller repeats it too, so that the second one comes late
      if (faults.draw(0, 1) === 1) return this.run(name, payload, faults.draw(1, CRASH_CALLS));
    }
    return this.run(name, payload);
  }

  /** As EventBridge and Event invocations do: nobody waits, and Lambda's queue does what the function is configured for. */
  public invokeAsync(name: string, payload: unknown): void {
    const { time, trace } = this.world;
    const { maximumAgeSeconds, onFailureArn, retries } = this.functions[name]?.asynchronousEvents ?? LAMBDAS_OWN;
    const latest = time.now() + maximumAgeSeconds * SECOND;
    const giveUp = (condition: FailedEvent["record"]["requestContext"]["condition"]): void => {
      if (onFailureArn === undefined) return;
      this.world.onFailedEvent?.({
        queueArn: onFailureArn,
        record: { version: "1.0", requestContext: { condition }, requestPayload: payload },
      });
    };
    const attempt = (failures: number, throttles: number): void => {
      this.invoke(name, payload).catch((error: unknown) => {
        trace.add(name, "invocation failed", { error });
        const isThrottled = error instanceof FunctionError && error.error === THROTTLED;
        if (!isThrottled && failures === retries) {
          giveUp("RetriesExhausted");
          return;
        }
        const pause = isThrottled ? Math.min(2 ** throttles, LONGEST_THROTTLED_SECONDS) : (RETRY_PAUSES_SECONDS[failures] ?? 0);
        if (time.now() + pause * SECOND > latest) {
          giveUp("EventAgeExceeded");
          return;
        }
        time.after(pause * SECOND, () => {
          if (isThrottled) attempt(failures, throttles + 1);
          else attempt(failures + 1, 0);
        });
      });
    };
    attempt(0, 0);
  }

  /** @param crashAtCall the call of the invocation at which it is lost. @default drawn, for the few that a fault strikes */
  private run(name: string, payload: unknown, crashAtCall = this.drawCrash()): Promise<unknown> {
    const definition = this.functions[name];
    if (definition === undefined) throw new RangeError(`there is no function ${name} in the simulated world`);
    const { time, trace } = this.world;
    this.started += 1;
    const requestId = `${name}-${this.started}`;
    let calls = 0;
    const process = new SimProcess(requestId, this.world, 0, () => {
      calls += 1;
      return calls === crashAtCall ? "killed" : "go";
    });
    const deadline = time.now() + definition.timeoutSeconds * SECOND;
    this.running += 1;
    const ended = this.world.observer?.started(name);
    return new Promise<unknown>((resolve, reject) => {
      const timeout = time.after(definition.timeoutSeconds * SECOND, () => {
        process.kill("timed out");
      });
      process.whenKilled(() => {
        timeout.cancelled = true;
        ended?.(true);
        this.world.onLoss(name, payload, requestId);
        reject(new FunctionError("Runtime.ExitError", `${requestId} exited`));
      });
      const invocation = { process, requestId, remainingMilliseconds: () => deadline - time.now() };
      definition.run(payload, invocation).then(
        (value) => {
          if (!process.isAlive) return;
          process.end();
          timeout.cancelled = true;
          ended?.(false);
          resolve(value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown));
        },
        (error: unknown) => {
          if (!process.isAlive) return;
          process.end();
          timeout.cancelled = true;
          ended?.(true);
          trace.add(requestId, "failed", { error });
          const named = error instanceof Error ? error : new Error(String(error));
          reject(new FunctionError(named.name, named.message));
        },
      );
    }).finally(() => {
      this.running -= 1;
    });
  }

  private drawCrash(): number | undefined {
    const { faults } = this.world;
    return faults.strikes("lambda-crashed") ? faults.draw(1, CRASH_CALLS) : undefined;
  }
}
