import { z } from "zod";
import { Retries } from "../../../../kit/simulator/interpreter/retry";
import { EventHeap } from "../../../../kit/simulator/kernel/event-heap";
import { seededRandom } from "../../../../kit/lib/seeded-random";
import { configurationOf, resourceAt, synthesize } from "../../../support/synth";

/** Batches on Lambda that are open at the same time in one account. */
interface Load {
  readonly batches: number;
  readonly chunksOfBatch: number;
  readonly chunkSeconds: number;
  /** Invocations that Lambda runs at a time. */
  readonly limit: number;
}

const retriersSchema = z.array(
  z.object({
    ErrorEquals: z.array(z.string()),
    IntervalSeconds: z.number(),
    MaxAttempts: z.int(),
    BackoffRate: z.number(),
    MaxDelaySeconds: z.number().optional(),
    JitterStrategy: z.enum(["FULL", "NONE"]),
  }),
);
type Retriers = z.output<typeof retriersSchema>;

const mapSchema = z.object({
  MaxConcurrency: z.int(),
  ItemProcessor: z.object({ States: z.object({ ProcessChunk: z.object({ Retry: retriersSchema }) }) }),
});

function lambdaMapOf(environment: "dev" | "prod"): { concurrency: number; retriers: Retriers } {
  const machine = resourceAt(synthesize(configurationOf(environment)), "aws_sfn_state_machine", "Workflow/Machine").body["definition"];
  const { States: states } = z.object({ States: z.object({ ProcessChunksOnLambda: mapSchema }) }).parse(JSON.parse(String(machine)));
  const { ItemProcessor: child, MaxConcurrency: concurrency } = states.ProcessChunksOnLambda;
  return { concurrency, retriers: child.States.ProcessChunk.Retry };
}

/** Lets all batches run against one account's limit. @returns chunks that nobody answered, and when the last one ended */
function run({ batches, chunkSeconds, chunksOfBatch, limit }: Load, map: ReturnType<typeof lambdaMapOf>) {
  const random = seededRandom(1);
  const events = new EventHeap();
  let [now, order, running, unanswered] = [0, 0, 0, 0];
  const after = (seconds: number, action: () => void): void => {
    order += 1;
    events.push({ at: now + seconds, order, action, cancelled: false });
  };
  for (let batch = 0; batch < batches; batch += 1) {
    let waiting = chunksOfBatch;
    const next = (): void => {
      if (waiting === 0) return;
      waiting -= 1;
      const retries = new Retries(map.retriers, random);
      const attempt = (): void => {
        if (running < limit) {
          running += 1;
          after(chunkSeconds, () => {
            running -= 1;
            next();
          });
          return;
        }
        const delay = retries.delayMilliseconds("Lambda.TooManyRequestsException");
        if (delay !== undefined) after(delay / 1_000, attempt);
        else {
          unanswered += 1;
          next();
        }
      };
      attempt();
    };
    for (let slot = 0; slot < map.concurrency; slot += 1) after(0, next);
  }
  for (let event = events.pop(); event !== undefined; event = events.pop()) {
    now = event.at;
    event.action();
  }
  return { unanswered, seconds: now };
}

const LOADS: readonly (readonly ["dev" | "prod", string, Load])[] = [
  ["prod", "three batches of ranges of 1 GiB", { batches: 3, chunksOfBatch: 2_000, chunkSeconds: 54, limit: 1_000 }],
  ["dev", "as many batches as may be open", { batches: 10, chunksOfBatch: 500, chunkSeconds: 13, limit: 1_000 }],
  ["dev", "a batch in a new account", { batches: 1, chunksOfBatch: 1_000, chunkSeconds: 13, limit: 10 }],
  ["dev", "ten batches in a new account", { batches: 10, chunksOfBatch: 200, chunkSeconds: 13, limit: 10 }],
];

test.each(LOADS)("%s, %s: every chunk is answered, however few invocations run at a time", (environment, _what, load) => {
  const { seconds, unanswered } = run(load, lambdaMapOf(environment));
  expect(unanswered).toBe(0);
  // no time is lost while there is work: within twice of what the invocations that may run need, and a minute's delay at the end
  const work = (load.batches * load.chunksOfBatch * load.chunkSeconds) / load.limit;
  expect(seconds).toBeLessThan(2 * work + 120);
});

test("with the patience of other errors chunks would be lost", () => {
  const { concurrency, retriers } = lambdaMapOf("dev");
  const impatient = retriers.map((retrier) => ({ ...retrier, MaxAttempts: Math.min(6, retrier.MaxAttempts) }));
  const load = { batches: 1, chunksOfBatch: 1_000, chunkSeconds: 13, limit: 10 };
  expect(run(load, { concurrency, retriers: impatient }).unanswered).toBeGreaterThan(100);
});
