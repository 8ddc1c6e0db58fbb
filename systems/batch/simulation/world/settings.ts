import { wordCount } from "../../../../workloads/word-count/workload";
import { countingWithOutputs } from "./counting-with-outputs";
import { HOUR } from "../../../../kit/simulator/kernel/times";
import type { Random } from "../../../../kit/simulator/kernel/random";

/** After this time nothing goes wrong any more: whatever was disturbed must come to its end. */
export const FAULTS_CEASE_MILLISECONDS = 4 * HOUR;
/** Where alarms drive the fleet, files are uploaded in waves that begin within this time. */
export const WAVES_WITHIN_SECONDS = 1_200;
/** A world that is not at its end by then has lost something. */
export const LIMIT_MILLISECONDS = 60 * HOUR;

/**
 * Sizes that a world draws. What is a size in production is tiny here, so that a batch of a few files has several chunks, commit groups,
 * ranges and shards' worth of rules in it.
 */
export interface DrawnSettings {
  readonly slots: number;
  readonly progressTimeoutSeconds: number;
  readonly idleSeconds: number;
  readonly maximumWorkers: number;
  readonly chunkReceives: number;
  readonly filesPerChunk: number;
  readonly splitBytes: number;
  readonly groupSplits: number;
  readonly maximumOpenBatches: number;
  readonly acknowledgePerFileUpTo: number;
  readonly top: number;
  /** What a request travels at most. */
  readonly latencyMilliseconds: number;
  /** What reading a file takes at most: in some worlds a chunk takes longer than its lease. */
  readonly readMilliseconds: number;
  /** Objects that a run of the reconciler looks at. */
  readonly reconciledObjects: number;
}

/**
 * What the batches of a world are: every third makes outputs. It takes no draw of its own, so that a seed goes on drawing what it drew.
 */
export const workloadNameOf = ({ latencyMilliseconds }: Pick<DrawnSettings, "latencyMilliseconds">): string =>
  latencyMilliseconds % 3 === 0 ? countingWithOutputs.name : wordCount.name;

/**
 * Losses of a chunk to spot capacity after which it waits for on-demand capacity: few, for worlds are short. It takes no draw of its own.
 */
export const afterSpotLossesOf = ({ latencyMilliseconds }: Pick<DrawnSettings, "latencyMilliseconds">): number =>
  1 + (latencyMilliseconds % 3);

const PARTIALS_PER_RANGE = [1, 2, 3, 5_000] as const;

/** Partials of a range: with few, most batches are merged in two steps. It takes no draw of its own. */
export const partialsPerRangeOf = ({ readMilliseconds }: Pick<DrawnSettings, "readMilliseconds">): number =>
  PARTIALS_PER_RANGE[readMilliseconds % PARTIALS_PER_RANGE.length] ?? 1;

const GATHERING_MILLISECONDS = [0, 200, 1_000, 5_000] as const;

/** How long workers gather what they send, the bounds of the setting among them. It takes no draw of its own. */
export const gatheringMillisecondsOf = ({ latencyMilliseconds }: Pick<DrawnSettings, "latencyMilliseconds">): number =>
  GATHERING_MILLISECONDS[latencyMilliseconds % GATHERING_MILLISECONDS.length] ?? 0;

/** All sizes of one world: those that it draws, and those that its stack has. */
export interface WorldSettings extends DrawnSettings {
  /** Of chunks' and jobs' messages: their queues' visibility timeout. */
  readonly leaseSeconds: number;
  /** Of the function that works on chunks. */
  readonly lambdaTimeoutSeconds: number;
}

export const drawSettings = (random: Random): DrawnSettings => ({
  slots: random.int(1, 3),
  progressTimeoutSeconds: random.pick([60, 120]),
  idleSeconds: random.pick([60, 300]),
  maximumWorkers: random.int(1, 3),
  chunkReceives: random.pick([3, 20, 100]),
  filesPerChunk: random.int(1, 5),
  splitBytes: random.pick([200, 300]),
  groupSplits: random.int(1, 3),
  maximumOpenBatches: random.int(1, 2),
  acknowledgePerFileUpTo: random.chance(0.8) ? 1_000 : 0,
  top: random.int(1, 8),
  latencyMilliseconds: Math.round(random.logUniform(5, 1_500)),
  readMilliseconds: Math.round(random.logUniform(1, 40_000)),
  reconciledObjects: 2,
});

/**
 * Sizes of a world whose group follows alarms. Those look once a minute: what waits is to wait for minutes, or they would never see it; and
 * a group that has room for several steps shows what they do. Many uploads make much to reconcile.
 */
export const forPolicies = (drawn: DrawnSettings): DrawnSettings => ({
  ...drawn,
  readMilliseconds: Math.max(10_000, drawn.readMilliseconds),
  maximumWorkers: drawn.maximumWorkers + 2,
  reconciledObjects: 24,
});
