import type { EvaluatedStack } from "../../../../../kit/graph/evaluated-stack";
import { withWorlds } from "../../../../../kit/simulator/survey/simulate-faults";
import type { Worlds } from "../../../../../kit/simulator/survey/simulation";
import { synthesizeStack } from "../../../../../kit/simulator/survey/synthesized-stack";
import { SYSTEM_NAME } from "../../../../../systems/batch/contracts/names";
import type * as batchWorlds from "../../../../../systems/batch/simulation/worlds";
import { PROJECT } from "../../../../support/command";

const CONTEXT = { projectDirectory: PROJECT, environment: process.env, out: process.stdout };
const UPLOADS = 1_000;

const inWorlds = <T>(use: (worlds: typeof batchWorlds) => Promise<T>): Promise<T> =>
  withWorlds(SYSTEM_NAME, CONTEXT, undefined, (worlds) => use(worlds as Worlds & typeof batchWorlds));

let stack: EvaluatedStack;
beforeAll(async () => {
  stack = await synthesizeStack(SYSTEM_NAME, CONTEXT, { variables: { FILEMILL_INGEST: "lambda" } });
});

test("S1.115, S1.117: a thousand uploads at once are in work at once, and no instance is waited or paid for", async () => {
  const { use, ...outcome } = await inWorlds(({ burstOfUploads }) => burstOfUploads(stack, { uploads: UPLOADS, concurrency: UPLOADS }));
  expect(outcome).toMatchObject({ violations: [], acknowledgements: { fewest: 1, most: 1 }, instanceHours: 0 });
  expect([use.runs["process-upload"], use.throttles["process-upload"] ?? 0]).toEqual([UPLOADS, 0]);
  // but for those that are read in less than the two seconds in which S3 tells of all
  expect(use.most["process-upload"]).toBeGreaterThan(0.9 * UPLOADS);
  expect(outcome.seconds).toBeLessThan(60);
});

test("where the account has room for fewer, the others wait and none is lost or done twice", async () => {
  const [concurrency, uploads] = [10, 200];
  const { use, ...outcome } = await inWorlds(({ burstOfUploads }) => burstOfUploads(stack, { uploads, concurrency }));
  expect(outcome).toMatchObject({ violations: [], acknowledgements: { fewest: 1, most: 1 }, instanceHours: 0 });
  expect(use.most["process-upload"]).toBe(concurrency);
  expect(use.throttles["process-upload"]).toBeGreaterThan(uploads);
  expect(use.runs["process-upload"]).toBe(uploads);
  expect(outcome.seconds).toBeLessThan(6 * 3_600);
});

test("S1.118: while nothing comes nothing runs for uploads, and no instance", async () => {
  const { instanceDollars, use } = await inWorlds(({ nothingToDo }) => nothingToDo(stack, 24));
  expect(instanceDollars).toBe(0);
  // what the batches' schedules run, each minute and each five
  expect(use.runs).toEqual({ orchestrate: 24 * 60 - 1, finish: 24 * 12 - 1, reconcile: 24 * 12 - 1 });
});
