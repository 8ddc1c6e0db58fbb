import { writeManySmallFiles, writeWordFreqSet, type WrittenFile } from "../../__tests__/support/data-sets";

export interface SystemScenario {
  readonly kind: "system";
  readonly description: string;
  readonly write: (directory: string) => Promise<WrittenFile[]>;
  readonly via: "batch" | "upload";
  readonly route: "fleet" | "lambda";
  readonly workers: number;
}

const wordfreq = { kind: "system", write: (directory: string) => writeWordFreqSet(directory), workers: 2 } as const;
const small = { kind: "system", write: (directory: string) => writeManySmallFiles(directory, 1_000), workers: 2 } as const;

/** Named runs of the whole system; the sets are those of the requirements (D.1 to D.3). */
export const SYSTEM_SCENARIOS = {
  "wordfreq-fleet": { ...wordfreq, via: "batch", route: "fleet", description: "120 files, 117.5 MB, as a batch on the fleet" },
  "wordfreq-lambda": { ...wordfreq, via: "batch", route: "lambda", description: "120 files, 117.5 MB, as a batch on Lambda" },
  "wordfreq-upload": { ...wordfreq, via: "upload", route: "fleet", description: "120 files, 117.5 MB, an event a file" },
  "small-fleet": { ...small, via: "batch", route: "fleet", description: "1,000 files of 200 bytes, as a batch on the fleet" },
  "small-upload": { ...small, via: "upload", route: "fleet", description: "1,000 files of 200 bytes, an event a file" },
} as const satisfies Readonly<Record<string, SystemScenario>>;
