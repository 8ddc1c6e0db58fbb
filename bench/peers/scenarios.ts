export interface PeerScenario {
  readonly kind: "peers";
  readonly description: string;
  readonly files: number;
  readonly workers: number;
  /** Once so many files were begun, one worker is killed: no multiple of a task, or it would just have ended. @default none is */
  readonly killAfterFiles?: number;
}

/** 17 MB of the King James Bible; a fifth of the workers is one. */
const manyFiles = { kind: "peers", files: 1_000, workers: 5 } as const;

/** Our system and two that count on one machine, too, on the same files. */
export const PEER_SCENARIOS = {
  "many-files": { ...manyFiles, description: "1,000 files, 17 MB, five workers: Filemill, Lithops, PySpark" },
  "many-files-killed": {
    ...manyFiles,
    killAfterFiles: 310,
    description: "the same, and one of the five workers is killed once 310 files were begun",
  },
} as const satisfies Readonly<Record<string, PeerScenario>>;
