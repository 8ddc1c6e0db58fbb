import type { AlarmCause } from "../../../../kit/simulator/survey/alarm-cause";

/** What each alarm of the media system is for. */
export const ALARM_CAUSES: readonly AlarmCause[] = [];
