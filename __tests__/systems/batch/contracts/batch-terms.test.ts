import { termsOf } from "../../../../systems/batch/contracts/batch-terms";
import { batchRecord } from "../../../support/batch-record";

const BATCH = batchRecord({
  sources: [{ bucket: "uploading", prefix: "" }],
  latestGeneration: 2,
  deadline: "2026-01-01T01:00:00.000Z",
  budgetUsd: 5,
});

test("deadline and budget bound what was submitted", () => {
  expect(termsOf(BATCH, { generation: 1 })).toMatchObject({ deadline: "2026-01-01T01:00:00.000Z", budgetUsd: 5 });
});

test.each([2, 3])("generation %i is a resume, which nothing bounds", (generation) => {
  const { budgetUsd, deadline } = termsOf(BATCH, { generation });
  expect({ budgetUsd, deadline }).toEqual({ budgetUsd: undefined, deadline: undefined });
});
