import { executionName } from "../../../../../systems/batch/contracts/state-keys";
import type { PlannedFile } from "../../../../../systems/batch/core/planning/inspect-file";
import { storePlan } from "../../../../../systems/batch/core/planning/store-plan";
import { writePlan } from "../../../../../systems/batch/core/planning/write-plan";
import { GenerationWorld, PREFIX, refOf, SOURCE, STATE, type Decide } from "../../../../support/generation-world";
import { asyncValues } from "../../../../../kit/lib/async-values";
import { inPages } from "../../../../../kit/lib/pages";

let world: GenerationWorld;
beforeEach(() => {
  world = new GenerationWorld();
});
afterEach(() => {
  world.dispose();
});

async function firstGeneration(names: readonly string[], decide: Decide, texts: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const name of names) world.store.set(SOURCE, PREFIX + name, texts[name] ?? `words of ${name}`);
  await world.createBatch();
  await world.run(1, decide);
}
const by =
  (decisions: Readonly<Record<string, ReturnType<Decide>>>): Decide =>
  ({ key }) =>
    decisions[key.slice(PREFIX.length)] ?? "work";

test("a file is carried from the generation that settled it, along the whole chain", async () => {
  await firstGeneration(["a", "b", "c"], by({ b: "k", c: "k" }));
  await world.resume(["kills-worker"]);
  await world.run(2, by({ c: "k" }));
  await world.resume(["kills-worker"]);
  await world.run(3, by({}));
  const carried = await Promise.all(
    [1, 2, 3].map(async (generation) => (await world.manifest(generation)).map(({ carriedFrom }) => carriedFrom)),
  );
  expect(carried).toEqual([
    [undefined, undefined, undefined],
    [1, undefined, undefined],
    [1, 2, undefined],
  ]);
  expect(await world.record(3)).toMatchObject({ plan: { fileCount: 3, carriedFileCount: 2, splitCount: 1, chunkCount: 1 } });
});

test("new objects below the prefix are not taken in, and what is there is not listed", async () => {
  await firstGeneration(["a"], by({ a: "k" }));
  world.store.set(SOURCE, `${PREFIX}later`, "words that came later");
  const list = jest.spyOn(world.store, "listPage");
  await world.resume(["kills-worker"]);
  await world.run(2, by({}));
  expect(world.resultLines(2).map(({ filename }) => filename)).toEqual(["a"]);
  expect(list).not.toHaveBeenCalled();
});

test("a replayed file that was missing or changed takes what is there now; others keep what was frozen", async () => {
  await firstGeneration(
    ["back", "changed", "corrupt.gz", "killer", "still-missing"],
    by({ back: "m", changed: "c", "corrupt.gz": "g", killer: "k", "still-missing": "m" }),
  );
  const frozen = await world.manifest(1);
  for (const name of ["back", "changed", "corrupt.gz", "killer"]) world.store.set(SOURCE, PREFIX + name, `other words in ${name}`);
  world.store.deleteObject(SOURCE, `${PREFIX}still-missing`);
  await world.resume(["missing", "changed", "corrupt-gzip", "kills-worker"]);
  await world.plan(2);
  const manifest = await world.manifest(2);
  expect(manifest.map(({ etag }, file) => etag === frozen[file]?.etag)).toEqual([false, false, false, true, true]);
  expect(manifest.map(({ leftOut }) => leftOut)).toEqual([undefined, undefined, undefined, undefined, "missing"]);
  await world.work(2, by({ "corrupt.gz": "g" }));
  const result = await world.finish(2);
  expect(world.resultLines(2).map(({ filename, reason, status }) => [filename, status, reason])).toEqual([
    ["back", "processed", undefined],
    ["changed", "processed", undefined],
    ["corrupt.gz", "quarantined", "corrupt-gzip"],
    ["killer", "quarantined", "changed"],
    ["still-missing", "quarantined", "missing"],
  ]);
  expect(result.files).toEqual({ total: 5, processed: 2, skipped: 0, quarantined: 3, unfinished: 0 });
});

test("what can't be had is left out with its reason, and acknowledged by this generation", async () => {
  await firstGeneration(["archived", "denied", "settled"], by({ archived: "m", denied: "c" }));
  world.store.set(SOURCE, `${PREFIX}archived`, "x", { storageClass: "GLACIER" });
  world.store.denied.add(`${SOURCE}/${PREFIX}denied`);
  world.acknowledged.length = 0;
  await world.resume(["missing", "changed"]);
  await world.run(2, by({}));
  expect((await world.manifest(2)).map(({ leftOut, carriedFrom }) => leftOut ?? carriedFrom)).toEqual(["archived", "access-denied", 1]);
  expect(world.acknowledged).toEqual([
    expect.objectContaining({ type: "file-skipped", filename: "archived", generation: 2, reason: "archived" }),
    expect.objectContaining({ type: "file-quarantined", filename: "denied", generation: 2, reason: "access-denied" }),
  ]);
});

test("a split file of which one range failed is planned again as a whole, and its ranges of then count nothing", async () => {
  const giant = "giant words delta ".repeat(20);
  await firstGeneration(["giant", "other"], ({ key, range }) => (key === `${PREFIX}giant` && range?.index === 1 ? "w" : "work"), { giant });
  expect(world.resultLines(1)[0]).toMatchObject({ status: "quarantined", reason: "workload-error" });
  await world.resume(["workload-error"]);
  const result = await world.run(2, by({}));
  expect(world.resultLines(2)[0]).toMatchObject({ status: "processed", result: { totalWords: 60, distinctWords: 3 } });
  expect(result.result).toMatchObject({ totalWords: 62, distinctWords: 4 });
});

test("everything settled: nothing is left to do, and the generation completes without a chunk", async () => {
  await firstGeneration(["a", "b"], by({ a: "m" }));
  world.store.deleteObject(SOURCE, `${PREFIX}a`);
  await world.resume(["missing"]);
  expect(await world.plan(2)).toMatchObject({ outcome: "planned", chunkCount: 0 });
  expect(await world.finish(2)).toMatchObject({ status: "completed", files: { total: 2, processed: 1, quarantined: 1 } });
});

test("a generation that was closed before its plan is passed over: the next one goes on from the last that was planned", async () => {
  await firstGeneration(["a", "b"], by({ a: "k" }));
  await world.resume(["kills-worker"]);
  await world.ledger.closeGeneration(refOf(2), "cancelled");
  expect(await world.finish(2)).toMatchObject({ status: "cancelled", files: { total: 2, processed: 1, quarantined: 1 } });
  expect(world.resultLines(2)).toEqual(world.resultLines(1));
  await world.resume(["kills-worker"]);
  await world.run(3, by({}));
  expect((await world.manifest(3)).map(({ carriedFrom }) => carriedFrom)).toEqual([undefined, 1]);
  expect(world.resultLines(3).map(({ status }) => status)).toEqual(["processed", "processed"]);
});

test("a plan that took a processed file up again would count it twice: reduce does not let that through", async () => {
  await firstGeneration(["a", "b", "c"], by({ c: "stop" }));
  await world.resume();
  const fates: PlannedFile["fate"][] = [{ kind: "whole" }, { kind: "carried", from: 1 }, { kind: "whole" }];
  const frozen = await world.manifest(1);
  const files = frozen.map((identity, file): PlannedFile => ({ identity, fate: fates[file] ?? { kind: "whole" } }));
  const written = await writePlan(inPages(asyncValues(files), 2), { ...world.planDeps().writing, directory: world.directory });
  await storePlan(world.store, STATE, refOf(2), written);
  const { plan } = await world.record(1);
  if (plan === undefined) throw new Error("the first generation has no plan");
  const { chunkCount, manifestSha256, planSha256 } = written;
  await world.ledger.recordPlan(refOf(2), { ...plan, chunkCount, manifestSha256, planSha256 });
  await world.work(2, by({}));
  await expect(world.finish(2)).rejects.toThrow(/partials of chunk 0 of .* g1 hold the line of file 0 where that of file 1 .* belongs/);
});

test("the place of a generation is given back once it is reported, also by a retry that finds it reported", async () => {
  await firstGeneration(["a"], by({}));
  expect(await world.ledger.takenPlaces()).toEqual([]);
  await world.ledger.takePlace(refOf(1), 2);
  await world.finish(1);
  expect(await world.ledger.takenPlaces()).toEqual([]);
  expect(world.sent).toHaveLength(1);
});

test("a batch that ended early asks for no more capacity, also after a retry that finds it reported", async () => {
  world.store.set(SOURCE, `${PREFIX}a`, "words of a");
  await world.createBatch({ requestedRoute: "fleet" });
  await world.plan(1);
  const nowSeconds = world.clock.now() / 1_000;
  expect(await world.ledger.demandedCapacity(nowSeconds)).toBe(1);
  await world.ledger.closeGeneration(refOf(1), "cancelled");
  await world.finish(1);
  expect(await world.ledger.demandedCapacity(nowSeconds)).toBe(0);
  await world.ledger.putDemand(executionName(refOf(1)), { capacity: 3, untilEpochSeconds: nowSeconds + 60 });
  await world.finish(1);
  expect(await world.ledger.demandedCapacity(nowSeconds)).toBe(0);
});
