import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { withNotedAttempt } from "../../../../../systems/batch/core/upload-work/noted-attempt";
import { FakeClock } from "../../../../support/fakes/clock";
import { testFaults, TestServiceFault } from "../../../../support/fakes/service-faults";

const CONTENT = { bucket: "data-processing", key: "text", etag: "e" };
const HOLD = { assertHeld: () => undefined, endsAsDeath: () => false };

let clock: FakeClock;
let ledger: RowLedger;
let events: string[];
beforeEach(() => {
  clock = new FakeClock();
  ledger = new RowLedger(new MemoryRowStore(), clock);
  events = [];
  // the limit of the whole stands still, the pauses are over at once
  jest
    .spyOn(clock, "sleep")
    .mockImplementation((milliseconds) => (milliseconds < 5_000 ? Promise.resolve() : new Promise(() => undefined)));
});
const attempt = (work: () => Promise<string>) =>
  withNotedAttempt(
    { ledger, clock, faults: testFaults, workerId: "i-1", log: (_level, event) => void events.push(event) },
    CONTENT,
    HOLD,
    work,
  );
const deaths = async (): Promise<number> => (await ledger.getUploadSuspicion(CONTENT)).deaths;

test("invariant 7: the note stands while the file is worked on, and no longer, though the ledger is throttled then", async () => {
  const end = jest.spyOn(ledger, "endUpload").mockRejectedValueOnce(new TestServiceFault("throttled"));
  let meanwhile = 0;
  expect(await attempt(async () => ((meanwhile = await deaths()), "done"))).toBe("done");
  expect([meanwhile, await deaths(), end.mock.calls.length, events]).toEqual([1, 0, 2, []]);
});

test("a note whose making was not answered is taken back, too: it may be there", async () => {
  const begin = ledger.beginUpload.bind(ledger);
  jest.spyOn(ledger, "beginUpload").mockImplementationOnce(async (...call) => {
    await begin(...call);
    throw new TestServiceFault("reply lost");
  });
  await expect(attempt(() => Promise.resolve("done"))).rejects.toThrow("reply lost");
  expect(await deaths()).toBe(0);
});

test("one that can't be taken back is told, and the work is done all the same", async () => {
  jest.spyOn(ledger, "endUpload").mockRejectedValue(new Error("denied"));
  expect(await attempt(() => Promise.resolve("done"))).toBe("done");
  expect([await deaths(), events]).toEqual([1, ["upload_note_failed"]]);
});
