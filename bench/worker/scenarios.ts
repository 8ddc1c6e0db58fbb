import { writeWordFreqSet, type WrittenFile } from "../../__tests__/support/data-sets";

export interface WorkerScenario {
  readonly kind: "worker";
  readonly description: string;
  readonly write: (directory: string) => Promise<WrittenFile[]>;
}

/** One worker alone, ours or another, with all its events waiting. */
export const WORKER_SCENARIOS = {
  "worker-events": {
    kind: "worker",
    description: "120 files, 117.5 MB, announced by S3 events before the worker starts: its start to the last acknowledgement",
    write: (directory: string) => writeWordFreqSet(directory),
  },
} as const satisfies Readonly<Record<string, WorkerScenario>>;
