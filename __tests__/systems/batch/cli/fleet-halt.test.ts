import { renderBatchStatus, type BatchStatus } from "../../../../systems/batch/cli/render/status";
import { batchRecord } from "../../../support/batch-record";

const batch = batchRecord();
const row: BatchStatus = {
  batch,
  generation: { batchId: batch.batchId, generation: 1, status: "open", openedAt: batch.submittedAt },
  progress: { phase: "processing", settled: 0, total: 3 },
  started: true,
};
const halt = { since: Date.UTC(2026, 0, 5, 8), retryAt: Date.UTC(2026, 0, 5, 14) };

test("a batch that waits for a fleet that launches nothing says so: since when, why, what to do, and when it tries again", () => {
  const shown = renderBatchStatus({ ...row, fleetHalt: { failedStarts: 3, halt } }, halt.since);
  expect(shown).toContain("launches no workers since 2026-01-05T08:00:00.000Z, for 3 hosts in a row gave no sign of life;");
  expect(shown).toContain("deploy a worker that starts");
  expect(shown).toContain("tried again at 2026-01-05T14:00:00.000Z");
  expect(renderBatchStatus(row, halt.since)).not.toContain("waiting");
});
