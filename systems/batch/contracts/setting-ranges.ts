import { z } from "zod";

/**
 * Numbers that the configuration decides on and functions are given: one schema for both sides, so that what is synthesized can't be what
 * a function refuses.
 */
export const SETTING_RANGES = {
  /** Bytes of files that a chunk aims at, per-file overhead included. */
  targetChunkBytes: z.int().min(65_536).max(10_737_418_240),
  maximumFilesPerChunk: z.int().min(1).max(1_000),
  /** What a file costs besides its bytes, in bytes: small files are bound by calls, not by size. */
  fileOverheadBytes: z.int().min(0).max(16_777_216),
  /** A file above this is split by range. */
  splitBytes: z.int().min(65_536).max(1_099_511_627_776),
  maximumFiles: z.int().min(1).max(2_000_000),
  /**
   * Partials that are merged together, where a batch has so many that ranges of them are merged first. The highest is what a function is
   * through with in a third of its time by estimate.
   */
  partialsPerRange: z.int().min(1).max(20_000),
  /** Bytes a slot counts in a second; for estimates only. */
  bytesPerSlotSecond: z.int().min(1).max(1_000_000_000),
  /** Upload jobs one worker is given before another is asked for. */
  jobsPerWorker: z.int().min(1).max(10_000),
  /** Chunks in work at a time, by route; a Map Run runs 10,000 children at most. */
  fleetConcurrency: z.int().min(1).max(10_000),
  lambdaConcurrency: z.int().min(1).max(10_000),
  /** TimeoutSeconds of a fleet child: from the message's sending to the last redelivery's end. A year is Step Functions' longest. */
  fleetTaskTimeoutSeconds: z.int().min(60).max(31_536_000),
  /** Batches that may be open at the same time; one more waits for its turn, a day at most. Their places are one row of the ledger. */
  maximumOpenBatches: z.int().min(1).max(100),
  /** Files worked on at the same time in a worker (requirement S1.119: 1 to 16). */
  slotsPerWorker: z.int().min(1).max(16),
  maximumWorkers: z.int().min(1).max(5_000),
  /** Losses of a chunk to spot capacity after which it waits for on-demand capacity. */
  afterSpotLosses: z.int().min(1).max(100),
  /** How long a worker gathers acknowledgements and deletions for a call of ten. */
  gatheringMilliseconds: z.int().min(0).max(5_000),
  /** Memory of counts in MiB before they spill to disk (invariant 9). */
  counterMemoryMebibytes: z.int().min(1).max(4_096),
  decompressionLimitMebibytes: z.int().min(1).max(1_048_576),
  /** How long a queue keeps a message. */
  retentionSeconds: z.int().min(60).max(1_209_600),
  /** Keys of the processing bucket that are looked at for uploads nobody was told of; empty for all. */
  reconcilePrefix: z.string().max(1_024),
  /** Objects listed in one run of reconcile; the next goes on behind them. */
  reconcileMaximumObjects: z.int().min(1).max(1_000_000),
} as const;
