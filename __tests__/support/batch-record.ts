import type { BatchRecord } from "../../systems/batch/contracts/ledger-rows";
import { wordCountOf } from "./word-count";

/** A batch that keeps the contract; a test states only what it is about. */
export const batchRecord = (terms: Partial<BatchRecord> = {}): BatchRecord => ({
  batchId: "01JBATCH000000000000000000",
  requestId: "request",
  sources: [{ bucket: "uploading", prefix: "in/" }],
  workload: wordCountOf().record,
  requestedRoute: "auto",
  acknowledgePerFileUpTo: 10,
  latestGeneration: 1,
  submittedAt: "2026-01-01T00:00:00.000Z",
  ...terms,
});
