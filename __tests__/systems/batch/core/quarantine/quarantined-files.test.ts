import fc from "fast-check";
import { QUARANTINE_REASONS, SKIP_REASONS, UNFINISHED_REASONS, type FileResult } from "../../../../../systems/batch/contracts/files";
import { resultsKey } from "../../../../../systems/batch/contracts/state-keys";
import { quarantinedFiles, tallyQuarantined } from "../../../../../systems/batch/core/quarantine/quarantined-files";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { NOTHING_MADE } from "../../../../support/word-count";

const REF = { batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PX", generation: 2 };

const state = fc.oneof(
  fc.constant({ status: "processed" as const }),
  fc.record({ status: fc.constant("skipped" as const), reason: fc.constantFrom(...SKIP_REASONS) }),
  fc.record({ status: fc.constant("quarantined" as const), reason: fc.constantFrom(...QUARANTINE_REASONS) }),
  fc.record({ status: fc.constant("unfinished" as const), reason: fc.constantFrom(...UNFINISHED_REASONS) }),
);
const files = fc
  .array(fc.tuple(state, fc.nat()))
  .map((list) => list.map(([own, bytes], index): FileResult => ({ filename: `${index}.txt`, ...own, bytes, ...NOTHING_MADE })));

test("just the quarantined files with a chosen reason are found, all are counted, the first are kept", async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.subarray([...QUARANTINE_REASONS]), fc.nat({ max: 5 }), async (results, reasons, keep) => {
      const objects = new MemoryObjectStore(["state"]);
      objects.set("state", resultsKey(REF), results.map((line) => `${JSON.stringify(line)}\n`).join(""));
      const expected = results.filter(({ status, reason }) => status === "quarantined" && reasons.some((chosen) => chosen === reason));
      const tally = await tallyQuarantined(quarantinedFiles(objects, "state", REF, { reasons }), keep);
      expect(tally.total).toBe(expected.length);
      expect(tally.first).toEqual(expected.slice(0, keep).map(({ filename, reason, bytes }) => ({ filename, reason, bytes })));
      for (const reason of QUARANTINE_REASONS) {
        const having = expected.filter((file) => file.reason === reason).length;
        expect(tally.byReason[reason]).toBe(having === 0 ? undefined : having);
      }
    }),
    { numRuns: 50 },
  );
});

test("without a choice every reason counts", async () => {
  const objects = new MemoryObjectStore(["state"]);
  const results = QUARANTINE_REASONS.map((reason): FileResult => ({
    filename: reason,
    status: "quarantined",
    reason,
    bytes: 1,
    ...NOTHING_MADE,
  }));
  objects.set("state", resultsKey(REF), results.map((line) => `${JSON.stringify(line)}\n`).join(""));
  expect(await tallyQuarantined(quarantinedFiles(objects, "state", REF))).toMatchObject({ total: QUARANTINE_REASONS.length });
});
