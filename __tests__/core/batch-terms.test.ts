import { termsOf } from "../../core/batch-terms";
import type { BatchRecord } from "../../core/contracts/ledger-rows";

const BATCH: BatchRecord = {
  batchId: "01JBATCH000000000000000000",
  requestId: "request",
  source: { bucket: "uploading", prefix: "" },
  options: { minimumWordLength: 5, top: 10 },
  requestedRoute: "auto",
  acknowledgePerFileUpTo: 10,
  latestGeneration: 2,
  submittedAt: "2026-01-01T00:00:00.000Z",
  deadline: "2026-01-01T01:00:00.000Z",
  budgetUsd: 5,
};

test("deadline and budget bound what was submitted", () => {
  expect(termsOf(BATCH, { generation: 1 })).toMatchObject({ deadline: "2026-01-01T01:00:00.000Z", budgetUsd: 5 });
});

test.each([2, 3])("generation %i is a resume, which nothing bounds", (generation) => {
  const { budgetUsd, deadline } = termsOf(BATCH, { generation });
  expect({ budgetUsd, deadline }).toEqual({ budgetUsd: undefined, deadline: undefined });
});
