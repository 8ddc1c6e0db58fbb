import type { Sample } from "./samples";

/** One instance's life, in seconds since the first copy request; those that were there before begin at the first sample. */
export interface InstanceLife {
  readonly id: string;
  readonly zone: string;
  readonly seenSeconds: number;
  /** null: it never was in service. */
  readonly inServiceSeconds: number | null;
  /** First sample without it; null: it is still there. */
  readonly goneSeconds: number | null;
}

/** A time in which an alarm was in the state ALARM. */
export interface AlarmBand {
  readonly name: string;
  readonly fromSeconds: number;
  /** null: it still was at the last sample. */
  readonly untilSeconds: number | null;
}

const IN_SERVICE = "InService";

export const inService = ({ instances }: Pick<Sample, "instances">): number => instances.filter(({ state }) => state === IN_SERVICE).length;

/** Those that are launched, and not yet in service. */
export const starting = ({ instances }: Pick<Sample, "instances">): number =>
  instances.filter(({ state }) => state.startsWith("Pending")).length;

/** In the order in which they were seen first. */
export function instanceLives(samples: readonly Sample[]): InstanceLife[] {
  const ids = [...new Set(samples.flatMap(({ instances }) => instances.map(({ id }) => id)))];
  return ids.map((id) => {
    const seen = samples.flatMap(({ instances, seconds }) =>
      instances.filter((each) => each.id === id).map(({ state, zone }) => ({ seconds, state, zone })),
    );
    const last = seen.at(-1)?.seconds ?? 0;
    return {
      id,
      zone: seen[0]?.zone ?? "",
      seenSeconds: seen[0]?.seconds ?? 0,
      inServiceSeconds: seen.find(({ state }) => state === IN_SERVICE)?.seconds ?? null,
      goneSeconds: samples.find(({ seconds }) => seconds > last)?.seconds ?? null,
    };
  });
}

/** By name, then by time. */
export function alarmBands(samples: readonly Sample[]): AlarmBand[] {
  const names = [...new Set(samples.flatMap(({ alarms }) => alarms))].sort();
  return names.flatMap((name) => {
    const bands: AlarmBand[] = [];
    let from: number | undefined;
    for (const { alarms, seconds } of samples) {
      const isOn = alarms.includes(name);
      if (isOn) from ??= seconds;
      else if (from !== undefined) {
        bands.push({ name, fromSeconds: from, untilSeconds: seconds });
        from = undefined;
      }
    }
    return from === undefined ? bands : [...bands, { name, fromSeconds: from, untilSeconds: null }];
  });
}
