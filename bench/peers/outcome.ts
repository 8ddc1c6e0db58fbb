/** What came of one run of a system. */
export interface PeerOutcome {
  /** From the first file handed over to the result; undefined when there is none. Starting the system is not in it. */
  readonly seconds?: number | undefined;
  /** Words in its result. */
  readonly totalWords: number;
  /** Whether a worker was killed. */
  readonly killed: boolean;
  /** What its user is told instead of a result. */
  readonly failure?: string | undefined;
}

/** A system that counts a folder of files. */
export interface Peer {
  readonly name: string;
  readonly count: () => Promise<PeerOutcome>;
}
