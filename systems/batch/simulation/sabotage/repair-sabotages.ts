import { instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";

/** What brings back what was left behind: dead letters, submissions that broke off, uploads that nobody announced. */
export const REPAIR_SABOTAGES: readonly Sabotage[] = [
  {
    name: "no-dead-letter-consumer",
    breaks: "chunks in the dead-letter queue stay there",
    patches: [
      instead("systems/batch/core/reconcile/reconcile.ts", '    ["dead-chunks", () => visitDeadChunks(deps, chunkDeadLetters)],\n', ""),
    ],
  },
  {
    name: "innocent-uploads-quarantined",
    shownBy: 98,
    breaks: "the consumer quarantines every upload in the dead-letter queue, whoever was lost under it",
    patches: [
      instead(
        "systems/batch/core/dead-letters/handle-dead-upload.ts",
        "  if (deaths >= MAXIMUM_DEATHS || (redriven.length >= MAXIMUM_REDRIVES && !hasExpired)) return false;",
        "  if (deaths >= 0) return false;",
      ),
    ],
  },
  {
    name: "planned-when-some-are-there",
    shownBy: 91,
    breaks: "a submission is planned with those of its files that are there",
    patches: [
      instead(
        "systems/batch/core/planning/files-to-plan.ts",
        "  if (arrived < batch.submission.fileCount) throw notAllArrived(batch, arrived, batch.submission.fileCount);\n",
        "",
      ),
    ],
  },
  {
    name: "broken-submissions-left",
    breaks: "a submission that broke off is waited for, however long",
    patches: [
      instead(
        "systems/batch/core/finish/sweep.ts",
        "const ABANDONED_MILLISECONDS = 86_400_000;",
        "const ABANDONED_MILLISECONDS = 86_400_000_000;",
      ),
    ],
  },
  {
    name: "uploads-not-reconciled",
    breaks: "nobody looks for uploads that nobody announced",
    patches: [
      instead(
        "systems/batch/core/reconcile/reconcile.ts",
        '    ["forgotten-uploads", () => announceForgotten({ ...deps, jobs, jobDeadLetters })],\n',
        "",
      ),
    ],
  },
];
