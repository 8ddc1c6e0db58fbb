import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { hits, type FaultKind, type FaultRule } from "../../kit/local/emulator/faults";
import { ChaosStack } from "../support/chaos/chaos-stack";
import type { Outcome } from "../support/chaos/outcome";
import { testHome } from "../support/command";
import { writeWordFreqSet } from "../support/data-sets";
import { LocalSynthesis } from "../support/permissions";
import { seededRandom } from "../../kit/lib/seeded-random";
import { ROUTES } from "../support/up-stack";

const HOME = testHome("chaos");
/** 1 in CI; `npm run test:chaos` does more, each with other seeds. */
const ROUNDS = Number(process.env["CHAOS_ROUNDS"] ?? 1);
const FIRST_SEED = Number(process.env["CHAOS_SEED"] ?? 1);
const FILES = 50;
const PAUSE_SECONDS = 10;

/** The product's own processes; the command that submits and waits is no part of the system under fault. */
const PROCESSES = "assumed-role/wordfreq-";
const WORKER = "assumed-role/wordfreq-worker";
const CHUNK_FUNCTION = "assumed-role/wordfreq-process-chunk";
const PLAN_FUNCTION = "assumed-role/wordfreq-plan";

const ERRORS: readonly FaultRule[] = [
  { kind: "internal-error", operation: "s3:*", caller: PROCESSES, probability: 0.05 },
  { kind: "slow-down", operation: "s3:*", caller: PROCESSES, probability: 0.05 },
  { kind: "throughput-exceeded", operation: "dynamodb:*", caller: PROCESSES, probability: 0.08 },
  { kind: "internal-error", operation: "sqs:*", caller: PROCESSES, probability: 0.05 },
  { kind: "slow-down", operation: "states:*", caller: PROCESSES, probability: 0.05 },
];
const LOST: readonly FaultRule[] = [
  { kind: "drop-reply", caller: PROCESSES, probability: 0.04 },
  { kind: "drop-request", caller: PROCESSES, probability: 0.02 },
  { kind: "cut-reply", operation: "s3:GetObject", caller: PROCESSES, probability: 0.04 },
];
const MESSAGES: readonly FaultRule[] = [
  { kind: "duplicate-message", matching: "-(chunks|jobs)$", probability: 0.3, seconds: 0 },
  { kind: "duplicate-message", matching: "-(chunks|jobs)$", probability: 0.3, seconds: 2 },
  { kind: "delay-message", matching: "-(chunks|jobs)$", probability: 0.3, seconds: 1 },
];
/** Makes files take long enough for a worker to be killed in the middle of a chunk; its count tells how many files were begun. */
const SLOWLY: FaultRule = { kind: "delay-reply", operation: "s3:GetObject", caller: WORKER, seconds: 0.02 };

/** All kinds together: half as often each. */
const rarer = (rule: FaultRule): FaultRule => ({ ...rule, probability: (rule.probability ?? 1) / 2 });

interface Scenario {
  readonly name: string;
  readonly rules: readonly FaultRule[];
  /** What else is done while the batches run. */
  readonly disturb?: (chaos: ChaosStack, random: () => number) => Promise<void>;
  /** true: the command that waits loses its network too, and is given again: batches only, an upload has no id to ask for again. */
  readonly commandHit?: true;
  /** Faults that must have hit. */
  readonly expected: readonly FaultKind[];
  /** How long nothing answers: the batches end within twice that beyond the time they take undisturbed. */
  readonly pauseSeconds?: number;
}

/** Two at most: a file that was worked on at two deaths would rightly be quarantined. */
async function killWorkers(chaos: ChaosStack, random: () => number): Promise<void> {
  await chaos.killWorker(random, 5 + Math.floor(random() * 20));
  await chaos.killWorker(random, 30 + Math.floor(random() * 30));
}
const killLambda = (chaos: ChaosStack): Promise<void> => chaos.killLambda("wordfreq-process-chunk");

const SCENARIOS: readonly Scenario[] = [
  {
    name: "500, 503 and ProvisionedThroughputExceededException at 5 to 10 % of the calls",
    rules: ERRORS,
    expected: ["internal-error", "slow-down", "throughput-exceeded"],
  },
  {
    name: "connections dropped before and after the request was carried out, and in the middle of an object",
    rules: LOST,
    expected: ["drop-reply", "drop-request", "cut-reply"],
  },
  { name: "messages delivered twice and late", rules: MESSAGES, expected: ["duplicate-message", "delay-message"] },
  {
    name: "workers and a Lambda killed in the middle of a chunk",
    rules: [SLOWLY],
    disturb: async (chaos, random) => {
      await Promise.all([killWorkers(chaos, random), killLambda(chaos)]);
    },
    expected: ["delay-reply"],
  },
  {
    name: "every service away for 10 s",
    rules: [SLOWLY, { ...SLOWLY, caller: CHUNK_FUNCTION }],
    disturb: async (chaos) => {
      // in the middle of the work, on both routes
      await chaos.untilHits("delay-reply", 10);
      await chaos.untilCaller("delay-reply", CHUNK_FUNCTION);
      await chaos.faults.goAway(10);
    },
    commandHit: true,
    expected: ["away"],
  },
  {
    name: "every service away for 10 s while a batch is planned",
    // it lists and stores; that reply is late in which the outage begins
    rules: [{ ...SLOWLY, operation: "s3:*", caller: PLAN_FUNCTION }],
    disturb: async (chaos) => {
      await chaos.untilCaller("delay-reply", PLAN_FUNCTION);
      await chaos.faults.goAway(10);
    },
    commandHit: true,
    expected: ["away"],
  },
  {
    name: "the emulator stands still for 10 s, no connection ends",
    rules: [SLOWLY, { ...SLOWLY, caller: CHUNK_FUNCTION }],
    disturb: async (chaos) => {
      await chaos.untilHits("delay-reply", 10);
      await chaos.standStill(PAUSE_SECONDS);
    },
    pauseSeconds: PAUSE_SECONDS,
    expected: ["delay-reply"],
  },
  {
    name: "all of it together",
    rules: [...[...LOST, ...ERRORS].map(rarer), ...MESSAGES, SLOWLY],
    disturb: async (chaos, random) => {
      await chaos.killWorker(random, 5 + Math.floor(random() * 20));
      await killLambda(chaos);
    },
    expected: ["internal-error", "slow-down", "throughput-exceeded", "drop-reply", "duplicate-message", "delay-message"],
  },
];

describe("invariants 2, 3 and 4: whatever goes wrong on the way, results equal the undisturbed run's", () => {
  let folder: string;
  let chaos: ChaosStack;
  let undisturbed: readonly Outcome[];
  let undisturbedMilliseconds: number;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-chaos-"));
    const texts = path.join(folder, "texts");
    await writeWordFreqSet(texts, { files: FILES, totalBytes: FILES * 10_000 });
    const synthesis = new LocalSynthesis();
    chaos = await ChaosStack.start(HOME, synthesis, { texts, out: path.join(folder, "out") }).finally(() => {
      synthesis.remove();
    });
    const startedAt = performance.now();
    undisturbed = await chaos.runAll();
    undisturbedMilliseconds = performance.now() - startedAt;
  });
  afterAll(async () => {
    await chaos.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("undisturbed, every way counts every file", () => {
    expect(undisturbed).toHaveLength(ROUTES.length);
    for (const { result, items, messages } of undisturbed) {
      expect(result).toMatchObject({ status: "completed", files: { total: FILES, processed: FILES } });
      expect(Object.keys(items)).toHaveLength(FILES);
      expect(Object.values(messages).filter((bodies) => bodies !== 1)).toEqual([]);
    }
    expect(undisturbed.map(({ messages }) => Object.keys(messages).length)).toEqual([FILES + 1, FILES + 1, FILES]);
  });

  const seeds = Array.from({ length: ROUNDS }, (_, round) => FIRST_SEED + round);
  describe.each(seeds)("seed %d (CHAOS_SEED)", (seed) => {
    test.each(SCENARIOS)("$name", async ({ rules, disturb, commandHit = false, expected, pauseSeconds }) => {
      const random = seededRandom(seed);
      const routes = ROUTES.filter(({ viaUpload }) => !(viaUpload && commandHit));
      await chaos.faults.set(rules, seed);
      const startedAt = performance.now();
      const [outcomes] = await Promise.all([chaos.runAll(routes, commandHit), disturb?.(chaos, random)]);
      const milliseconds = performance.now() - startedAt;
      const counts = chaos.lastCounts();
      expect(milliseconds).toBeLessThan(pauseSeconds === undefined ? Infinity : undisturbedMilliseconds + 2_000 * pauseSeconds);
      for (const [index, { name }] of routes.entries()) {
        expect({ seed, route: name, counts, ...outcomes[index] }).toEqual({ seed, route: name, counts, ...undisturbed[index] });
      }
      expect(expected.filter((kind) => hits(counts, kind) === 0)).toEqual([]);
    });
  });
});
