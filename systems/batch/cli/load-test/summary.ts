import type { Sample } from "./samples";
import { inService, instanceLives, type InstanceLife } from "./timeline";

/** What was done, and when; all times are seconds since the first copy request. */
export interface LoadFacts {
  readonly samples: readonly Sample[];
  /** When the last copy was answered. */
  readonly copiedSeconds: number;
  /** When the last acknowledgement was seen; undefined: not within the bound. */
  readonly acknowledgedSeconds: number | undefined;
  /** When the group was seen at its minimum again; undefined: not within the bound, or nobody waited. */
  readonly scaledInSeconds: number | undefined;
}

export interface LoadSummary {
  readonly copiedSeconds: number;
  /** The jobs queue at the first look after the last copy; null: the load was acknowledged before there was one. */
  readonly afterCopy: Pick<Sample, "seconds" | "visible" | "inFlight"> | null;
  /** The most that one look saw waiting. */
  readonly mostVisible: number;
  readonly mostInFlight: number;
  /** In service at the first look, at most, and when that was seen first. */
  readonly instances: { readonly atFirst: number; readonly most: number; readonly mostSeconds: number };
  /** Total processing time: from the first copy request to the last acknowledgement in the results queue (requirement S1.90). */
  readonly totalSeconds: number | null;
  readonly scaledInSeconds: number | null;
  /** Who is left at the last look, and whether nobody who is gone was there before them. */
  readonly survivors: readonly (Pick<InstanceLife, "id" | "zone" | "seenSeconds"> & { readonly isOldest: boolean })[];
}

/** What the samples say. */
export function summarise({ acknowledgedSeconds, copiedSeconds, samples, scaledInSeconds }: LoadFacts): LoadSummary {
  const afterCopy = samples.find(({ seconds }) => seconds >= copiedSeconds);
  const most = Math.max(0, ...samples.map(inService));
  const lives = instanceLives(samples);
  const oldestGone = Math.min(...lives.filter(({ goneSeconds }) => goneSeconds !== null).map(({ seenSeconds }) => seenSeconds));
  return {
    copiedSeconds,
    afterCopy: afterCopy === undefined ? null : { seconds: afterCopy.seconds, visible: afterCopy.visible, inFlight: afterCopy.inFlight },
    mostVisible: Math.max(0, ...samples.map(({ visible }) => visible)),
    mostInFlight: Math.max(0, ...samples.map(({ inFlight }) => inFlight)),
    instances: {
      atFirst: samples[0] === undefined ? 0 : inService(samples[0]),
      most,
      mostSeconds: samples.find((sample) => inService(sample) === most)?.seconds ?? 0,
    },
    totalSeconds: acknowledgedSeconds ?? null,
    scaledInSeconds: scaledInSeconds ?? null,
    survivors: lives
      .filter(({ goneSeconds }) => goneSeconds === null)
      .map(({ id, seenSeconds, zone }) => ({ id, zone, seenSeconds, isOldest: seenSeconds <= oldestGone })),
  };
}
