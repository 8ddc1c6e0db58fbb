import { before, instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";

const SLOT_SENDS = "    await to.send([JSON.stringify(handedOver)]);\n";

/** What becomes of chunks that spot capacity keeps losing. */
export const ON_DEMAND_SABOTAGES: readonly Sabotage[] = [
  {
    name: "hand-over-deletes-first",
    provokedBy: ["spot-notice", "sqs-error"],
    breaks: "a slot deletes a chunk's message before it has handed the chunk over",
    patches: [before("worker/slot.ts", SLOT_SENDS, "    await job.lease.queue.delete([job.lease.message]);\n")],
  },
  {
    name: "brought-back-deleted-first",
    provokedBy: ["spot-notice", "sqs-error", "capacity-refused"],
    shownBy: 106,
    breaks: "a chunk that waited in vain is deleted before it is brought back",
    patches: [
      before(
        "systems/batch/core/reconcile/bring-back-waited.ts",
        "      await chunks.send([JSON.stringify(marked)]);\n",
        "      await onDemandChunks.delete([message]);\n",
      ),
    ],
  },
  {
    name: "spot-losses-ignored",
    provokedBy: ["spot-notice", "spot-loss-without-notice"],
    breaks: "spot capacity goes on trying what it keeps losing",
    patches: [
      instead(
        "systems/batch/core/ledger/chunk-rows.ts",
        "      if (isLeft(row, loss, claimant))",
        "      if (false && isLeft(row, loss, claimant))",
      ),
    ],
  },
  {
    name: "waited-chunks-left",
    provokedBy: ["spot-notice", "capacity-refused"],
    shownBy: 182,
    breaks: "chunks wait for on-demand capacity, however long it is refused",
    patches: [
      instead(
        "systems/batch/core/reconcile/bring-back-waited.ts",
        "export const WAIT_MILLISECONDS = 15 * 60_000;",
        "export const WAIT_MILLISECONDS = 15 * 60_000_000;",
      ),
    ],
  },
];
