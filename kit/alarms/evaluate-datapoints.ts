import { COMPARISONS, type AlarmState, type EvaluationRule } from "./metric-alarm";

/**
 * Datapoints before the evaluation periods that CloudWatch looks at, too, should some of those be missing. Its pages name no number; their
 * examples look at five for three. With longer silences than these, real alarms come back to OK later than here by as many periods.
 */
const EXTRA_DATAPOINTS = 2;

/** Datapoints that are looked at in all: CloudWatch's evaluation range. */
export const evaluationRange = ({ evaluationPeriods }: Pick<EvaluationRule, "evaluationPeriods">): number =>
  evaluationPeriods + EXTRA_DATAPOINTS;

/**
 * The state that follows from the latest datapoints.
 *
 * | real datapoints in the range | what decides |
 * | --- | --- |
 * | N or more | the latest N of them; how missing ones are treated is not asked |
 * | fewer, and as many as are wanted for an alarm breach | ALARM |
 * | fewer; missing ones are `breaching` or `notBreaching` | as many as are wanting up to N are put in their place |
 * | none; `missing` or `ignore` | INSUFFICIENT_DATA; the state stays |
 * | fewer, some within the threshold; `missing` or `ignore` | OK |
 * | fewer, all breaching; `ignore` | the state stays |
 * | fewer, all breaching; `missing` | ALARM once the oldest is M periods old, OK before |
 *
 * Of the last row's OK the pages say less than of the others: that ALARM is not yet (older ones had INSUFFICIENT_DATA there), and that
 * INSUFFICIENT_DATA is for a range without any datapoint.
 *
 * @param datapoints of the evaluation range, the latest at the end; undefined: missing
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluateDatapoints(rule: EvaluationRule, datapoints: readonly (number | undefined)[], before: AlarmState): AlarmState {
  const { comparison, datapointsToAlarm, evaluationPeriods, missingData, threshold } = rule;
  const breaches = datapoints.map((value) => (value === undefined ? undefined : COMPARISONS[comparison](value, threshold)));
  const real = breaches.filter((breach) => breach !== undefined);
  const breaching = real.slice(-evaluationPeriods).filter(Boolean).length;
  if (breaching >= datapointsToAlarm) return "ALARM";
  const wanting = Math.max(0, evaluationPeriods - real.length);
  if (wanting === 0 || missingData === "notBreaching") return "OK";
  if (missingData === "breaching") return breaching + wanting >= datapointsToAlarm ? "ALARM" : "OK";
  if (real.includes(false)) return "OK";
  if (missingData === "ignore") return before;
  if (real.length === 0) return "INSUFFICIENT_DATA";
  const ageOfOldest = breaches.length - breaches.indexOf(true);
  return ageOfOldest >= datapointsToAlarm ? "ALARM" : "OK";
}
