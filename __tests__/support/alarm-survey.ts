import type { Simulated } from "./simulate";

/** What `simulate:alarms` found in one environment. */
export interface SurveyedAlarms {
  readonly fired: number;
  readonly alarms: number;
  readonly worlds: number;
  readonly worldsWithAlarm: number;
}

/** Reads what was printed, by the stack's name. */
export function surveyedAlarms({ printed }: Simulated): Record<string, SurveyedAlarms> {
  const causes = new Map(
    [...printed.matchAll(/^(\S+): (\d+) of (\d+) alarms fire/gm)].map(([, name = "", fired, all]) => [name, [fired, all]]),
  );
  const calm = [...printed.matchAll(/^(\S+): (\d+) undisturbed worlds, (\d+) with an alarm/gm)];
  return Object.fromEntries(
    calm.map(([, name = "", worlds, withAlarm]) => {
      const [fired, alarms] = causes.get(name) ?? [];
      return [name, { fired: Number(fired), alarms: Number(alarms), worlds: Number(worlds), worldsWithAlarm: Number(withAlarm) }];
    }),
  );
}
