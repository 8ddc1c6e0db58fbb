import { evaluateDatapoints, evaluationRange } from "./evaluate-datapoints";
import { isScalingPolicy, type AlarmState, type MetricAlarm } from "./metric-alarm";
import type { MetricStore, MetricValues } from "./metric-store";
import type { Statistic } from "./statistic";

/** An alarm came to another state. */
export interface AlarmTransition {
  readonly alarm: MetricAlarm;
  readonly from: AlarmState;
  readonly to: AlarmState;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The latest datapoint. undefined: it is missing */
  readonly value: number | undefined;
}

/** Something that an alarm asks for. */
export interface AlarmAction {
  readonly arn: string;
  readonly alarm: MetricAlarm;
  readonly state: AlarmState;
  readonly value: number | undefined;
}

export interface Evaluated {
  readonly transitions: readonly AlarmTransition[];
  readonly actions: readonly AlarmAction[];
}

/** An alarm is made of something that it has not. */
export class AlarmDefinitionError extends Error {
  public override readonly name = "AlarmDefinitionError";
}

type Point = (windowEnd: number) => number | undefined;

/** CloudWatch's alarms on metrics, in a time that is given: nothing here waits or looks at a clock. */
export class AlarmEngine {
  private readonly watches: readonly AlarmWatch[];
  private readonly byName: ReadonlyMap<string, AlarmWatch>;

  /** @throws AlarmDefinitionError for an alarm of which a part is missing, or is made of itself */
  public constructor(alarms: readonly MetricAlarm[], store: MetricStore) {
    this.watches = alarms.map((alarm) => new AlarmWatch(alarm, store));
    this.byName = new Map(this.watches.map((watch) => [watch.alarm.name, watch]));
  }

  /** @returns undefined when there is no alarm of that name */
  public stateOf(alarmName: string): AlarmState | undefined {
    return this.byName.get(alarmName)?.state;
  }

  /**
   * Evaluates every alarm on what was reported before `now`, as CloudWatch does each minute: datapoints are of the periods that end there,
   * wherever they began. Actions follow a change of state; those of scaling policies come each time.
   *
   * @param now the end of a minute, in milliseconds since the epoch
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
   */
  public evaluate(now: number): Evaluated {
    const evaluated = this.watches.map((watch) => watch.evaluate(now));
    return {
      transitions: evaluated.flatMap(({ transitions }) => transitions),
      actions: evaluated.flatMap(({ actions }) => actions),
    };
  }
}

class AlarmWatch {
  public state: AlarmState = "INSUFFICIENT_DATA";
  private readonly point: Point;

  public constructor(
    public readonly alarm: MetricAlarm,
    store: MetricStore,
  ) {
    this.point = seriesOf(alarm, store, alarm.comparedId, []);
  }

  public evaluate(now: number): Evaluated {
    const { alarm, state: from } = this;
    const range = evaluationRange(alarm);
    const datapoints = Array.from({ length: range }, (_, index) => this.point(now - (range - 1 - index) * alarm.periodSeconds * 1_000));
    const to = evaluateDatapoints(alarm, datapoints, from);
    this.state = to;
    const value = datapoints.at(-1);
    const arns = alarm.actions[to].filter((arn) => to !== from || isScalingPolicy(arn));
    return {
      transitions: to === from ? [] : [{ alarm, from, to, at: now, value }],
      actions: arns.map((arn) => ({ arn, alarm, state: to, value })),
    };
  }
}

/** The datapoint of a series in the period that ends at a time. */
function seriesOf(alarm: MetricAlarm, store: MetricStore, id: string, within: readonly string[]): Point {
  if (within.includes(id)) throw new AlarmDefinitionError(`${alarm.name}: ${[...within, id].join(" -> ")} is made of itself`);
  const series = alarm.series.find((each) => each.id === id);
  if (series === undefined) throw new AlarmDefinitionError(`${alarm.name} has no metric or expression '${id}'`);
  if (series.kind === "metric") return pointOfMetric(store.watch(series.metric), series.statistic, alarm.periodSeconds * 1_000);
  const parts = new Map(series.math.ids.map((part) => [part, seriesOf(alarm, store, part, [...within, id])]));
  return (windowEnd) => series.math.at((part) => parts.get(part)?.(windowEnd));
}

const pointOfMetric =
  (values: MetricValues, statistic: Statistic, periodMilliseconds: number): Point =>
  (windowEnd) =>
    values.datapoint(windowEnd - periodMilliseconds, windowEnd, statistic);
