import type { BatchRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { submissionKey } from "../../../../../systems/batch/contracts/state-keys";
import type { PlannedGeneration } from "../../../../../systems/batch/core/stored-batch/sealed-files";
import { submissionList, type SubmissionList } from "../../../../../systems/batch/core/stored-batch/submission-list";
import { checkSubmission } from "../../../../../systems/batch/core/verify/check-submission";
import type { Finding } from "../../../../../systems/batch/core/verify/verification";
import { BATCH_ID, GenerationWorld, PREFIX, SOURCE, STATE } from "../../../../support/generation-world";

const NAMES = ["a.txt", "b.txt", "c.txt"];
const listOf = (names: readonly string[], size = 15): SubmissionList =>
  submissionList(names.map((name) => ({ name, size, sha256: "0".repeat(64) })));

let world: GenerationWorld;
let generation: PlannedGeneration;
beforeEach(async () => {
  world = new GenerationWorld();
  for (const name of NAMES) world.store.set(SOURCE, `${PREFIX}${name}`, `words of ${name}.`);
  await submitted(listOf(NAMES));
  await world.plan(1);
  generation = (await world.record(1)) as PlannedGeneration;
});
afterEach(() => {
  world.dispose();
});

async function submitted(list: SubmissionList): Promise<void> {
  await world.createBatch({ submission: list.summary });
  world.store.set(STATE, submissionKey(BATCH_ID), list.text);
}
/** The check as if the batch had been submitted with that list. */
async function checked(list: SubmissionList, of = generation): Promise<Finding> {
  world.store.set(STATE, submissionKey(BATCH_ID), list.text);
  const batch = (await world.ledger.getBatch(BATCH_ID)) as BatchRecord;
  return checkSubmission(world.store, STATE, { ...batch, submission: list.summary }, of);
}

test("holds when the manifest has the submitted files, and counts them", async () => {
  expect(await checked(listOf(NAMES))).toEqual({ counts: { files: 3 } });
});

test.each<[what: string, list: SubmissionList, files: number, wrong: RegExp]>([
  ["one that was not planned", listOf([...NAMES, "d.txt"]), 3, /'d.txt' was submitted and is not in/],
  ["one that was not submitted", listOf(["a.txt", "b.txt"]), 2, /has files that were not submitted/],
  ["another one", listOf(["a.txt", "bb.txt", "c.txt"]), 1, /'bb.txt' was submitted, \S+ has 'b.txt' in its place/],
  ["one of another size", listOf(NAMES, 16), 0, /'a.txt' was submitted with 16 bytes, \S+ has it with 15/],
])("tells of %s", async (_, list, files, wrong) => {
  expect(await checked(list)).toEqual({ counts: { files }, wrong: expect.stringMatching(wrong) as string });
});

test("lets a later generation have a file that somebody mended", async () => {
  await world.ledger.markArrived(BATCH_ID, "2026-01-01T00:00:01.000Z");
  await world.finish(1, "cancelled");
  await world.resume();
  world.store.set(SOURCE, `${PREFIX}a.txt`, "mended");
  await world.plan(2);
  const second = (await world.record(2)) as PlannedGeneration;
  expect(await checked(listOf(NAMES, 16), second)).toEqual({ counts: { files: 3 } });
  expect(await checked(listOf([...NAMES, "d.txt"]), second)).toHaveProperty("wrong");
});
