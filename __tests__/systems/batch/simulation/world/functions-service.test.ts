import type { AsynchronousEvents } from "../../../../../kit/function/asynchronous-events";
import { FaultPlan } from "../../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../../kit/simulator/kernel/random";
import { Trace } from "../../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../../kit/simulator/kernel/virtual-time";
import { FunctionsService } from "../../../../../systems/batch/simulation/world/functions-service";
import { SECOND } from "../../../../../systems/batch/simulation/world/settings";

const HOUR_MILLISECONDS = 3_600_000;

interface Lived {
  /** Attempts at an asynchronous event, in whole seconds after it was sent. */
  readonly attemptedAt: number[];
}

function undisturbed(): FaultPlan {
  for (let seed = 1; ; seed += 1) {
    const plan = new FaultPlan(new Random(seed));
    if (plan.isUndisturbed) return plan;
  }
}

/** Sends an event to a function that always fails, with so many invocations allowed at a time, and lives through eight hours. */
async function sendTo(asynchronousEvents: AsynchronousEvents | undefined, concurrency?: number): Promise<Lived & { throttled: number }> {
  const time = new VirtualTime(0);
  const faults = undisturbed();
  const attemptedAt: number[] = [];
  const functions = new FunctionsService(
    {
      time,
      faults,
      random: new Random(1),
      trace: new Trace(0, () => time.now(), false),
      latencyMilliseconds: 1,
      onLoss: () => undefined,
      onTwice: () => undefined,
      concurrency,
    },
    {
      failing: {
        timeoutSeconds: 60,
        run: () => {
          attemptedAt.push(Math.floor(time.now() / SECOND));
          return Promise.reject(new Error("failed"));
        },
        ...(asynchronousEvents === undefined ? {} : { asynchronousEvents }),
      },
    },
  );
  functions.invokeAsync("failing", {});
  time.after(8 * HOUR_MILLISECONDS, () => undefined);
  await time.run(() => time.now() >= 8 * HOUR_MILLISECONDS, 9 * HOUR_MILLISECONDS);
  return { attemptedAt, throttled: faults.counts["lambda-concurrency-used-up"] ?? 0 };
}

test("an asynchronous event that fails is tried three times, after one and after two minutes more", async () => {
  expect(await sendTo(undefined)).toEqual({ attemptedAt: [0, 60, 180], throttled: 0 });
});

test("one of a function without retries is tried once", async () => {
  expect(await sendTo({ retries: 0, maximumAgeSeconds: 60 })).toEqual({ attemptedAt: [0], throttled: 0 });
});

test("one that is throttled waits in the queue as long as it may, whatever retries are configured", async () => {
  // after 0, 1, 3, 7, 15 and 31 seconds; the next would be too late
  expect(await sendTo({ retries: 0, maximumAgeSeconds: 60 }, 0)).toEqual({ attemptedAt: [], throttled: 6 });
  // nine pauses that double make 511 seconds, then one each five minutes until six hours are over
  expect(await sendTo(undefined, 0)).toEqual({ attemptedAt: [], throttled: 10 + Math.floor((6 * 3_600 - 511) / 300) });
});
