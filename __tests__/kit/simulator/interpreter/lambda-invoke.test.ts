import fc from "fast-check";
import { StatesError } from "../../../../kit/simulator/interpreter";
import { CATCH_ALL, invoke, lambdaBusy, oneState, StatesWorld } from "../../../systems/batch/simulation/support/states-world";

const RETRY = { ErrorEquals: ["Lambda.ServiceException"], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 };

describe("lambda:invoke", () => {
  test("the answer is wrapped; retriers count for themselves, with backoff", async () => {
    const world = new StatesWorld(
      oneState(invoke({ Retry: [RETRY, { ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 5, MaxAttempts: 1, BackoffRate: 1 }] })),
    );
    const errors = [lambdaBusy(), new StatesError("WordErr", "mine"), lambdaBusy()];
    world.lambda = (_, call) => {
      const error = errors[call];
      if (error !== undefined) throw error;
      return { ok: true };
    };
    expect(await world.run({ a: 1 })).toMatchObject({
      status: "SUCCEEDED",
      output: { ExecutedVersion: "$LATEST", Payload: { ok: true }, StatusCode: 200 },
    });
    // 2 s and 4 s of the first retrier, 5 s of the second
    expect(world.seconds).toBe(11);
    expect(world.invocations.map(({ payload }) => payload)).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }, { a: 1 }]);
  });

  test("a retrier that is used up leaves the error to the catcher, not to the next retrier", async () => {
    const world = new StatesWorld(
      oneState(invoke({ Retry: [{ ...RETRY, MaxAttempts: 1 }, { ErrorEquals: ["States.ALL"] }], Catch: CATCH_ALL })),
    );
    world.lambda = () => {
      throw lambdaBusy();
    };
    expect(await world.run({ a: 1 })).toMatchObject({
      status: "SUCCEEDED",
      output: { a: 1, error: { Error: "Lambda.ServiceException", Cause: "busy" } },
    });
    expect(world.invocations).toHaveLength(2);
  });

  test("States.Timeout is not States.TaskFailed; the function that hangs is told that nobody observes it, and goes on", async () => {
    const world = new StatesWorld(
      oneState(invoke({ TimeoutSeconds: 7, Retry: [{ ErrorEquals: ["States.TaskFailed"] }], Catch: CATCH_ALL })),
    );
    let wentOn = false;
    world.lambda = async () => {
      await world.time.sleep(60_000);
      wentOn = true;
      throw lambdaBusy();
    };
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED", output: { error: { Error: "States.Timeout" } } });
    expect(world.seconds).toBe(7);
    expect(world.invocations[0]?.signal.aborted).toBe(true);
    await world.pass(60);
    expect(wentOn).toBe(true);
  });

  test("property: full jitter stays within the delay of the backoff and its cap", async () => {
    await fc.assert(
      fc.asyncProperty(
        // even steps: of all doubles between 0 and 1 nearly all are next to nothing
        fc.integer({ min: 0, max: 999_999 }).map((millionths) => millionths / 1_000_000),
        fc.record({
          IntervalSeconds: fc.integer({ min: 1, max: 9 }),
          MaxAttempts: fc.integer({ min: 0, max: 5 }),
          BackoffRate: fc.constantFrom(1, 2, 3),
        }),
        fc.integer({ min: 1, max: 20 }),
        async (fraction, retry, maximum) => {
          const world = new StatesWorld(
            oneState(invoke({ Retry: [{ ErrorEquals: ["States.ALL"], ...retry, MaxDelaySeconds: maximum, JitterStrategy: "FULL" }] })),
            { random: () => fraction },
          );
          world.lambda = () => {
            throw lambdaBusy();
          };
          expect(await world.run()).toMatchObject({ status: "FAILED", error: "Lambda.ServiceException" });
          const delays = Array.from({ length: retry.MaxAttempts }, (_, n) =>
            Math.min(maximum, retry.IntervalSeconds * retry.BackoffRate ** n),
          );
          const waited = delays.reduce((sum, delay) => sum + fraction * delay, 0);
          // virtual time counts whole milliseconds, each wait rounded to one; a half goes up or down by the order of the multiplications
          expect(Math.abs(world.seconds - waited)).toBeLessThanOrEqual(retry.MaxAttempts * 0.000_5 + 1e-9);
          expect(world.invocations).toHaveLength(retry.MaxAttempts + 1);
        },
      ),
    );
  });
});
