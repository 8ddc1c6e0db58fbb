import { Construct } from "constructs";
import type { NodeFunction } from "../functions/node-function";
import { addAlarm, type AlarmNotice } from "./alarm";
import { awsMetric, metricId, sumOf, type Metric, type Statistic } from "./metric";

/** Functions by names that metric math can use once dashes are underscores: small letters first. */
export type NamedFunctions = Readonly<Record<string, Pick<NodeFunction, "functionName" | "timeoutSeconds">>>;

type LambdaMetric = "Duration" | "Errors" | "Throttles";

const PERIOD_SECONDS = 300;

/**
 * The period of an alarm on how runs end. Lambda reports a run when it is over, for the time at which it began: of a run of 15 minutes,
 * nothing is ever in the latest five. So twice the longest run, in whole minutes.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
 */
const runsPeriodSeconds = (functions: NamedFunctions): number =>
  Math.max(PERIOD_SECONDS, 60 * Math.ceil((2 * Math.max(...Object.values(functions).map(({ timeoutSeconds }) => timeoutSeconds))) / 60));

/** One metric of each function. */
export const functionMetrics = (functions: NamedFunctions, metricName: LambdaMetric, statistic: Statistic): Record<string, Metric> =>
  Object.fromEntries(
    Object.entries(functions).map(([name, { functionName }]) => [
      metricId(name),
      awsMetric("AWS/Lambda", metricName, { FunctionName: functionName }, statistic),
    ]),
  );

export interface FunctionCountAlarmProps extends AlarmNotice {
  readonly functions: NamedFunctions;
  readonly counted: "Errors" | "Throttles";
  /** Five minutes each; of errors twice the longest run of the functions, if that is more. */
  readonly periods: number;
  /** In each of them, of all the functions together. */
  readonly count: number;
}

/** One alarm for several functions: each metric costs the same with one alarm for each, and people get one message. */
export class FunctionCountAlarm extends Construct {
  public constructor(scope: Construct, id: string, props: FunctionCountAlarmProps) {
    super(scope, id);
    addAlarm(this, "Resource", {
      ...props,
      measure: sumOf(props.counted.toLowerCase(), functionMetrics(props.functions, props.counted, "Sum")),
      // a run that is refused has no length, and is reported at once
      periodSeconds: props.counted === "Throttles" ? PERIOD_SECONDS : runsPeriodSeconds(props.functions),
      goesOff: "from",
      threshold: props.count,
    });
  }
}

export interface FunctionTimeAlarmProps extends AlarmNotice {
  readonly functions: NamedFunctions;
  /** Of a function's timeout, 0 to 1. */
  readonly share: number;
}

const MILLISECONDS = 1_000;

/** Tells when a run takes so much of its function's timeout that a bigger one may not end. */
export class FunctionTimeAlarm extends Construct {
  public constructor(scope: Construct, id: string, { functions, share, ...notice }: FunctionTimeAlarmProps) {
    super(scope, id);
    const shares = Object.entries(functions).map(
      ([name, { timeoutSeconds }]) => `FILL(${metricId(name)}, 0) / ${timeoutSeconds * MILLISECONDS}`,
    );
    addAlarm(this, "Resource", {
      ...notice,
      measure: {
        label: "longest run, of its timeout",
        expression: `MAX([${shares.join(", ")}])`,
        metrics: functionMetrics(functions, "Duration", "Maximum"),
      },
      periodSeconds: runsPeriodSeconds(functions),
      goesOff: "above",
      threshold: share,
    });
  }
}
