import { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { Trace } from "../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { FunctionsService, type FailedEvent, type SimFunction } from "../../../../kit/simulator/services/functions-service";
import { SECOND } from "../../../../kit/simulator/kernel/times";

const HOUR_MILLISECONDS = 3_600_000;

interface Lived {
  /** Attempts at an asynchronous event, in whole seconds after it was sent. */
  readonly attemptedAt: number[];
  /** What the queue for failed events got. */
  readonly failed: FailedEvent[];
}

function undisturbed(): FaultPlan {
  for (let seed = 1; ; seed += 1) {
    const plan = new FaultPlan(new Random(seed));
    if (plan.isUndisturbed) return plan;
  }
}

/** Sends an event to a function that always fails, with so many invocations allowed at a time, and lives through eight hours. */
async function sendTo(asynchronousEvents: SimFunction["asynchronousEvents"], concurrency?: number): Promise<Lived & { throttled: number }> {
  const time = new VirtualTime(0);
  const faults = undisturbed();
  const attemptedAt: number[] = [];
  const failed: FailedEvent[] = [];
  const functions = new FunctionsService(
    {
      time,
      faults,
      random: new Random(1),
      trace: new Trace(0, () => time.now(), false),
      latencyMilliseconds: 1,
      onLoss: () => undefined,
      onTwice: () => undefined,
      onFailedEvent: (failure) => failed.push(failure),
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
  functions.invokeAsync("failing", { asked: 1 });
  time.after(8 * HOUR_MILLISECONDS, () => undefined);
  await time.run(() => time.now() >= 8 * HOUR_MILLISECONDS, 9 * HOUR_MILLISECONDS);
  return { attemptedAt, failed, throttled: faults.counts["lambda-concurrency-used-up"] ?? 0 };
}

test("an asynchronous event that fails is tried three times, after one and after two minutes more", async () => {
  expect(await sendTo(undefined)).toEqual({ attemptedAt: [0, 60, 180], failed: [], throttled: 0 });
});

test("one of a function without retries is tried once", async () => {
  expect(await sendTo({ retries: 0, maximumAgeSeconds: 60 })).toEqual({ attemptedAt: [0], failed: [], throttled: 0 });
});

test("one that is throttled waits in the queue as long as it may, whatever retries are configured", async () => {
  // after 0, 1, 3, 7, 15 and 31 seconds; the next would be too late
  expect(await sendTo({ retries: 0, maximumAgeSeconds: 60 }, 0)).toEqual({ attemptedAt: [], failed: [], throttled: 6 });
  // nine pauses that double make 511 seconds, then one each five minutes until six hours are over
  expect(await sendTo(undefined, 0)).toEqual({ attemptedAt: [], failed: [], throttled: 10 + Math.floor((6 * 3_600 - 511) / 300) });
});

test.each([
  ["that fails to the end", 2, undefined, "RetriesExhausted"],
  ["that grows too old", 0, 0, "EventAgeExceeded"],
])("one %s goes to the queue that the function has for it, once, and says so", async (_, retries, concurrency, condition) => {
  const { failed } = await sendTo({ retries, maximumAgeSeconds: 600, onFailureArn: "arn:queue" }, concurrency);
  expect(failed).toEqual([
    { queueArn: "arn:queue", record: { version: "1.0", requestContext: { condition }, requestPayload: { asked: 1 } } },
  ]);
});
