import type { EnvironmentConfig } from "../../../../../../systems/batch/config/schema";
import { expectedPages, expectedRoutes, expectedWatchAlarms, expectedWatchLines, routed } from "./alerts";
import { WORDS, type Expected, type Reference } from "./expected";

type Body = Readonly<Record<string, unknown>>;

const ATTENTIVE = "GreaterThanOrEqualToThreshold";
/** SQS reports once a minute. */
const PERIOD_SECONDS = 60;
/** Halted fleets are told of by each run of reconcile, every 5 minutes; a line that is late or missed ends no alarm. */
const HALTED_PERIOD_SECONDS = 3 * 300;

/** What is told of queues and of the fleet, and what alarms set off. */
export function expectedAlarms(config: EnvironmentConfig, ref: Reference): Expected {
  return {
    aws_cloudwatch_metric_alarm: {
      ...queueAlarms(config, ref),
      ...scalingAlarms(config, ref),
      ...haltedAlarm(config, ref),
      ...expectedWatchAlarms(config, ref),
    },
    // where policies own the capacity nobody looks for signs of life
    ...(config.fleet.protectFromScaleIn
      ? { aws_cloudwatch_log_metric_filter: { ...haltedLines(config, ref), ...expectedWatchLines(config, ref) } }
      : {}),
    ...expectedRoutes(config, ref),
    ...expectedPages(config, ref),
  };
}

const alarm = (config: EnvironmentConfig, name: string, rest: Body): Body => ({
  alarm_name: `${config.namePrefix}wordfreq-${name}`,
  alarm_description: WORDS,
  evaluation_periods: 1,
  treat_missing_data: "notBreaching",
  ...rest,
});

const depth = (ref: Reference, queue: string, metric: string) => ({
  namespace: "AWS/SQS",
  metric_name: metric,
  period: PERIOD_SECONDS,
  dimensions: { QueueName: ref("aws_sqs_queue", queue, "name") },
});

function queueAlarms(config: EnvironmentConfig, ref: Reference): Record<string, Body> {
  // half of the time in which what waits is given up
  const oldest: Readonly<Record<string, number | undefined>> = {
    jobs: 900,
    chunks: config.workflow.fleetTaskTimeoutSeconds / 2,
    // where nobody reads them they all grow old
    results: config.resultsAreRead ? config.queues.retentionSeconds / 2 : undefined,
  };
  const alarms = Object.entries(oldest).map(([what, threshold]) => {
    const queue = `Data/${what.charAt(0).toUpperCase()}${what.slice(1)}`;
    const deadLetters = alarm(config, `${what}-dead-letters`, {
      ...depth(ref, `${queue}/DeadLetters`, "ApproximateNumberOfMessagesVisible"),
      statistic: "Maximum",
      comparison_operator: ATTENTIVE,
      threshold: 1,
      ...routed(config, ref, `${what}-dead-letters`),
    });
    const age = alarm(config, `${what}-oldest`, {
      ...depth(ref, queue, "ApproximateAgeOfOldestMessage"),
      statistic: "Maximum",
      comparison_operator: "GreaterThanThreshold",
      evaluation_periods: 5,
      threshold,
      ...routed(config, ref, `${what}-oldest`),
    });
    return { [`Alarms-${what}/DeadLetters`]: deadLetters, ...(threshold === undefined ? {} : { [`Alarms-${what}/Oldest`]: age }) };
  });
  return Object.assign({}, ...alarms) as Record<string, Body>;
}

/** Each queue that workers take from raises the capacity by what waits; what waits or is in work in both together lowers it. */
function scalingAlarms(config: EnvironmentConfig, ref: Reference): Record<string, Body> {
  const { scaleIn, scaleOut } = config.fleet;
  if (scaleOut === undefined) return {};
  const raising = (what: string, queue: string, policy: string) => ({
    [`${policy}/Alarm`]: alarm(config, `${what}-scale-out`, {
      ...depth(ref, queue, "ApproximateNumberOfMessagesVisible"),
      statistic: "Maximum",
      comparison_operator: ATTENTIVE,
      threshold: scaleOut.kind === "step" ? scaleOut.steps[0]?.from : scaleOut.threshold,
      alarm_actions: [ref("aws_autoscaling_policy", policy, "arn")],
    }),
  });
  return {
    ...raising("jobs", "Data/Jobs", "Fleet/ScaleOut"),
    ...raising("chunks", "Data/Chunks", "Fleet/ScaleOutChunks"),
    ...(scaleIn === undefined
      ? {}
      : {
          "Fleet/ScaleIn/Alarm": alarm(config, "scale-in", {
            comparison_operator: "LessThanOrEqualToThreshold",
            threshold: scaleIn.threshold,
            alarm_actions: [ref("aws_autoscaling_policy", "Fleet/ScaleIn", "arn")],
            metric_query: unfinishedMessages(ref),
          }),
        }),
  };
}

/** The sum, which is the alarm's value, and what it is of: a message that a worker took is visible no more. */
function unfinishedMessages(ref: Reference): Body[] {
  const metrics = ["jobs", "chunks"].flatMap((what) =>
    Object.entries({ visible: "ApproximateNumberOfMessagesVisible", inFlight: "ApproximateNumberOfMessagesNotVisible" }).map(
      ([kind, metric]) => ({
        id: `${what}_${kind}`,
        metric: { ...depth(ref, `Data/${what.charAt(0).toUpperCase()}${what.slice(1)}`, metric), stat: "Maximum" },
      }),
    ),
  );
  const sum = metrics.map(({ id }) => id).join(" + ");
  return [{ id: "messages", label: "messages that wait or are in work", expression: sum, return_data: true }, ...metrics];
}

const HALTED_ALARM = "fleet-halted";
const HALTED_NAMESPACE = "Filemill";

function haltedLines(config: EnvironmentConfig, ref: Reference): Record<string, Body> {
  const name = `${config.namePrefix}wordfreq-${HALTED_ALARM}`;
  return {
    "Repairs/FleetHalted/Lines": {
      name,
      log_group_name: ref("aws_cloudwatch_log_group", "Repairs/Reconcile/Logs", "name"),
      pattern: '{ $.message = "fleet_halted" }',
      metric_transformation: { name, namespace: HALTED_NAMESPACE, value: "1" },
    },
  };
}

function haltedAlarm(config: EnvironmentConfig, ref: Reference): Record<string, Body> {
  if (!config.fleet.protectFromScaleIn) return {};
  return {
    "Repairs/FleetHalted/Alarm": alarm(config, HALTED_ALARM, {
      namespace: HALTED_NAMESPACE,
      metric_name: ref("aws_cloudwatch_log_metric_filter", "Repairs/FleetHalted/Lines", "name"),
      statistic: "Sum",
      period: HALTED_PERIOD_SECONDS,
      comparison_operator: ATTENTIVE,
      threshold: 1,
      ...routed(config, ref, HALTED_ALARM),
    }),
  };
}
