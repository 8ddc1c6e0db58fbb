import { receiptSchema } from "../../../../../systems/batch/contracts/receipt";
import { receiptKey } from "../../../../../systems/batch/contracts/state-keys";
import { chunkKey } from "../../../../../systems/batch/core/ledger/row-keys";
import { GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../../support/generation-world";
import { onlySealedKey } from "../../../../support/sealed-object";

/** Five files: one chunk of four, one of one. */
const NAMES = ["a", "b", "c", "d", "e"];

let world: GenerationWorld;
beforeEach(async () => {
  world = new GenerationWorld();
  for (const name of NAMES) world.store.set(SOURCE, PREFIX + name, `words of ${name} alone`);
  await world.createBatch();
  await world.plan(1);
});
afterEach(() => {
  world.dispose();
});

const states = (generation: number): unknown[] =>
  world.resultLines(generation).map(({ filename, reason, status }) => [filename, status, ...(reason === undefined ? [] : [reason])]);

test("invariant 1: a row that can't be read costs its chunk: the batch ends, its receipt has the reason, and a resume does the rest", async () => {
  await world.work(1, () => "work");
  await world.rows.update(chunkKey(refOf(1), 0), { set: { slotMilliseconds: -7_200_000 } });

  const result = await world.finish(1);
  expect(result).toMatchObject({ status: "failed", files: { total: 5, processed: 1, unfinished: 4 } });
  expect(states(1)).toEqual([...NAMES.slice(0, 4).map((name) => [name, "unfinished", "row-unreadable"]), ["e", "processed"]]);
  const receipt = receiptSchema.parse(JSON.parse(world.store.text(STATE, receiptKey(refOf(1)))));
  expect(receipt.reasons).toEqual({ "unfinished:row-unreadable": 4 });
  expect(world.store.text(STATE, onlySealedKey(world.store, STATE, refOf(1)))).toContain(
    "slotMilliseconds: Too small: expected number to be >=0",
  );
  expect(world.events).toContain("chunk_row_unreadable");

  await world.resume();
  expect(await world.run(2, () => "work")).toMatchObject({ status: "completed", files: { total: 5, processed: 5, unfinished: 0 } });
  expect((await world.manifest(2)).map(({ carriedFrom }) => carriedFrom)).toEqual([undefined, undefined, undefined, undefined, 1]);
});

test("what was not committed in a row that can be read is as before: the reason is why the batch ended", async () => {
  await world.work(1, ({ key }) => (key.endsWith("e") ? "stop" : "work"));
  await world.finish(1, "cancelled");
  expect(states(1)).toEqual([...NAMES.slice(0, 4).map((name) => [name, "processed"]), ["e", "unfinished", "cancelled"]]);
});
