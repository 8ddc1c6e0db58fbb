import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { runbookHint } from "./runbook-hint";

export interface QueueAlarmsProps {
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  /** The oldest message may wait this long before somebody should look. @default none - nobody is expected to take messages */
  readonly oldestMessageSeconds?: number;
  readonly alarmPrefix: string;
  /** Sections of the runbook begin so. */
  readonly runbookPrefix: string;
}

const PERIOD_SECONDS = 60;
/** Five minutes in a row: a single late message is no incident. */
const OLD_PERIODS = 5;

/** Tells when work waits too long, and when something was given up on. No actions: whoever runs it chooses whom to wake. */
export class QueueAlarms extends Construct {
  public constructor(
    scope: Construct,
    id: string,
    { queueName, deadLetterQueueName, oldestMessageSeconds, alarmPrefix, runbookPrefix }: QueueAlarmsProps,
  ) {
    super(scope, id);
    const runbook = (section: string): string => runbookHint(`${runbookPrefix}-${section}`);
    const common = { namespace: "AWS/SQS", statistic: "Maximum", period: PERIOD_SECONDS, treatMissingData: "notBreaching" };
    if (oldestMessageSeconds !== undefined) {
      new CloudwatchMetricAlarm(this, "Oldest", {
        ...common,
        alarmName: `${alarmPrefix}-oldest`,
        alarmDescription: `The oldest message of ${queueName} waits too long: no workers, or stuck ones${runbook("oldest")}`,
        metricName: "ApproximateAgeOfOldestMessage",
        dimensions: { QueueName: queueName },
        evaluationPeriods: OLD_PERIODS,
        comparisonOperator: "GreaterThanThreshold",
        threshold: oldestMessageSeconds,
      });
    }
    new CloudwatchMetricAlarm(this, "DeadLetters", {
      ...common,
      alarmName: `${alarmPrefix}-dead-letters`,
      alarmDescription: `${deadLetterQueueName} holds messages that were given up on${runbook("dead-letters")}`,
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: deadLetterQueueName },
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
    });
  }
}
