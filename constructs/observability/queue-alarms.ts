import { Construct } from "constructs";
import { addAlarm, type AlarmNotice, type AlertTopics, type Severity } from "./alarm";
import { awsMetric } from "./metric";

export interface QueueAlarmsProps {
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  /** What happens when its oldest message waits for too long. @default none - nobody is expected to take messages */
  readonly oldest?: { readonly seconds: number; readonly severity: Severity };
  readonly alarmPrefix: string;
  /** Sections of the runbook begin so. */
  readonly runbookPrefix: string;
  readonly topics?: AlertTopics | undefined;
}

/** SQS reports once a minute, at no cost. */
const PERIOD_SECONDS = 60;
/** Five minutes in a row: a single late message is no incident. */
const OLD_PERIODS = 5;

/** Tells when work waits too long, and when something was given up on. */
export class QueueAlarms extends Construct {
  public constructor(scope: Construct, id: string, props: QueueAlarmsProps) {
    super(scope, id);
    const { alarmPrefix, deadLetterQueueName, oldest, queueName, runbookPrefix, topics } = props;
    const notice = (what: string, severity: Severity, alarmDescription: string): AlarmNotice => ({
      alarmName: `${alarmPrefix}-${what}`,
      alarmDescription,
      runbookSection: `${runbookPrefix}-${what}`,
      severity,
      topics,
    });
    if (oldest !== undefined) {
      addAlarm(this, "Oldest", {
        ...notice("oldest", oldest.severity, `The oldest message of ${queueName} waits too long: no workers, or stuck ones`),
        measure: { metric: awsMetric("AWS/SQS", "ApproximateAgeOfOldestMessage", { QueueName: queueName }, "Maximum") },
        periodSeconds: PERIOD_SECONDS,
        periods: OLD_PERIODS,
        goesOff: "above",
        threshold: oldest.seconds,
      });
    }
    addAlarm(this, "DeadLetters", {
      // nothing is lost, and what is there stays there for two weeks
      ...notice("dead-letters", "warning", `${deadLetterQueueName} holds messages that were given up on`),
      measure: { metric: awsMetric("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: deadLetterQueueName }, "Maximum") },
      periodSeconds: PERIOD_SECONDS,
      goesOff: "from",
      threshold: 1,
    });
  }
}
