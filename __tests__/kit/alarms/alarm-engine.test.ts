import fc from "fast-check";
import { AlarmDefinitionError, AlarmEngine } from "../../../kit/alarms/alarm-engine";
import { isForScaling, type MetricAlarm, type Series } from "../../../kit/alarms/metric-alarm";
import { parseMetricMath } from "../../../kit/alarms/metric-math";
import { MetricStore } from "../../../kit/alarms/metric-store";
import { statisticOf, type Statistic } from "../../../kit/alarms/statistic";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5, 8);
const WAITING = { namespace: "AWS/SQS", name: "Waiting", dimensions: { QueueName: "jobs" } };
const POLICY = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:0:autoScalingGroupName/g:policyName/p";
const TOPIC = "arn:aws:sns:us-east-1:000000000000:critical";

function statistic(name: string): Statistic {
  const known = statisticOf(name);
  if (known === undefined) throw new Error(`${name} is not known`);
  return known;
}
const waiting = (name = "Maximum"): Series => ({ kind: "metric", id: "waiting", metric: WAITING, statistic: statistic(name) });
const alarm = (changes: Partial<MetricAlarm> = {}): MetricAlarm => ({
  name: "some",
  description: "",
  series: [waiting()],
  comparedId: "waiting",
  periodSeconds: 60,
  comparison: "GreaterThanOrEqualToThreshold",
  threshold: 10,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  missingData: "notBreaching",
  actions: { ALARM: [TOPIC], OK: [TOPIC], INSUFFICIENT_DATA: [] },
  ...changes,
});

/** Lives through minutes, each with the values that are reported in it. */
function live(given: MetricAlarm, minutes: readonly (readonly number[])[]) {
  const store = new MetricStore();
  const engine = new AlarmEngine([given], store);
  return minutes.map((values, minute) => {
    for (const value of values) store.add(WAITING, START + minute * MINUTE, value);
    const { actions, transitions } = engine.evaluate(START + (minute + 1) * MINUTE);
    return { state: engine.stateOf(given.name), actions: actions.map(({ arn }) => arn), changes: transitions.length };
  });
}
const statesOf = (given: MetricAlarm, minutes: readonly (readonly number[])[]) => live(given, minutes).map(({ state }) => state);

test("an alarm tells of a change once, and a scaling policy again each minute", () => {
  const minutes = [[0], [10], [12], [3]];
  expect(live(alarm(), minutes).map(({ actions }) => actions)).toEqual([[TOPIC], [TOPIC], [], [TOPIC]]);
  const scaling = alarm({ actions: { ALARM: [POLICY], OK: [], INSUFFICIENT_DATA: [] } });
  expect(live(scaling, minutes).map(({ actions }) => actions)).toEqual([[], [POLICY], [POLICY], []]);
  expect([
    isForScaling(scaling),
    isForScaling(alarm()),
    isForScaling(alarm({ actions: { ALARM: [], OK: [], INSUFFICIENT_DATA: [] } })),
  ]).toEqual([true, false, false]);
});

test("periods end at the minute that is evaluated: what lies across two of them is seen whole", () => {
  const sums = alarm({ series: [waiting("Sum")], periodSeconds: 120 });
  // 6 and 6 are in periods of their own from the hour on; not from the minute before
  expect(statesOf(sums, [[1], [6], [6], [0]])).toEqual(["OK", "OK", "ALARM", "OK"]);
});

test("the last value of a metric that has stopped decides for two periods more, then its missing ones do (AWS's note)", () => {
  expect(statesOf(alarm(), [[10], [], [], [], []])).toEqual(["ALARM", "ALARM", "ALARM", "OK", "OK"]);
});

test("what is reported late counts where it belongs, as Lambda reports long runs", () => {
  const store = new MetricStore();
  const engine = new AlarmEngine([alarm({ periodSeconds: 300 })], store);
  engine.evaluate(START + 10 * MINUTE);
  store.add(WAITING, START + 8 * MINUTE, 10);
  expect(engine.evaluate(START + 11 * MINUTE).transitions.map(({ to }) => to)).toEqual(["ALARM"]);
});

test("M of N against a reference that looks at each minute anew", () => {
  const minutes = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(minutes, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (values, m, n) => {
      fc.pre(m <= n);
      const given = alarm({ evaluationPeriods: n, datapointsToAlarm: m });
      const expected = values.map((_, minute) => {
        const range = values.slice(Math.max(0, minute - n - 1), minute + 1).filter((value) => value !== undefined);
        const breaching = range.slice(-n).filter((value) => value >= 10);
        return breaching.length >= m ? "ALARM" : "OK";
      });
      expect(
        statesOf(
          given,
          values.map((value) => (value === undefined ? [] : [value])),
        ),
      ).toEqual(expected);
    }),
  );
});

test("statistics of a period's values", () => {
  const values = [4, 1, 3, 2];
  const seen = ["Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p99", "p100", "p0"].map((name) => statistic(name)(values));
  expect(seen).toEqual([10, 2.5, 1, 4, 4, 2, 4, 4, 1]);
  expect(["tm90", "p101", "Median", "p"].map(statisticOf)).toEqual([undefined, undefined, undefined, undefined]);
});

describe("alarms on several metrics", () => {
  const inWork = { ...WAITING, name: "InWork" };
  const sum = (expression: string): MetricAlarm =>
    alarm({
      series: [
        waiting(),
        { kind: "metric", id: "inWork", metric: inWork, statistic: statistic("Maximum") },
        { kind: "math", id: "sum", math: parseMetricMath(expression) },
      ],
      comparedId: "sum",
    });

  test("an expression is evaluated period by period", () => {
    const store = new MetricStore();
    const engine = new AlarmEngine([sum("waiting + inWork")], store);
    store.add(WAITING, START, 4);
    store.add(inWork, START, 6);
    expect(engine.evaluate(START + MINUTE).transitions.map(({ to, value }) => [to, value])).toEqual([["ALARM", 10]]);
  });

  test("one that is made of itself, or of nothing that is there, is refused", () => {
    expect(() => new AlarmEngine([sum("sum + 1")], new MetricStore())).toThrow(AlarmDefinitionError);
    expect(() => new AlarmEngine([sum("waiting + other")], new MetricStore())).toThrow(/'other'/);
  });

  test("what nobody looks at is not kept", () => {
    const store = new MetricStore();
    store.add(WAITING, START, 1);
    expect(store.watchedValues(WAITING)).toBeUndefined();
  });
});
