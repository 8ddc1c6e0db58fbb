import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { alarmArnsOf, type AlertTopics, type Severity } from "../../../constructs/observability/alarm";
import { AlertRoutes } from "../../../constructs/observability/alert-routes";
import { CostBudgets } from "../../../constructs/observability/cost-budgets";
import { QueueAlarms } from "../../../constructs/observability/queue-alarms";
import type { EnvironmentConfig } from "../config/schema";
import { Alarms, type WatchedParts } from "./alarms";
import type { Data } from "./data";
import { addDashboard } from "./dashboard";
import { LogQueries } from "./log-queries";
import type { DeployedNames } from "./names";

/** An upload should be taken up within minutes even from a fleet at zero. */
const OLDEST_JOB_SECONDS = 900;
/** Chunks of a large batch wait by design: half of what their task waits for. */
const OLDEST_CHUNK_SHARE = 0.5;

/** The topics of an environment that has any: whoever makes an alarm asks for them first. */
export function addAlertRoutes(
  scope: Construct,
  { accountId, config, names }: { readonly accountId: string; readonly config: EnvironmentConfig; readonly names: DeployedNames },
): AlertTopics | undefined {
  const { criticalAlerts, level, warningAlerts } = config.observability;
  if (level === "lean") return undefined;
  return new AlertRoutes(scope, "AlertRoutes", {
    prefix: names.alert,
    region: config.region,
    accountId,
    subscribers: { critical: criticalAlerts, warning: warningAlerts },
  }).topics;
}

/** Alarms on the queues, in every environment. Made in the stack itself: an alarm that moved would be a new one to Terraform. */
export function addQueueAlarms(
  scope: Construct,
  { config, data, names }: { readonly config: EnvironmentConfig; readonly data: Data; readonly names: DeployedNames },
  topics: AlertTopics | undefined,
): void {
  const half = (seconds: number): number => Math.round(seconds * OLDEST_CHUNK_SHARE);
  const oldest = (severity: Severity, seconds: number) => ({ severity, seconds });
  for (const [what, queue, oldestMessage] of [
    ["jobs", data.jobs, oldest("critical", OLDEST_JOB_SECONDS)],
    ["chunks", data.chunks, oldest("critical", half(config.workflow.fleetTaskTimeoutSeconds))],
    // of messages only: the results are in the batch's files
    ["results", data.results, config.resultsAreRead ? oldest("warning", half(config.queues.retentionSeconds)) : undefined],
  ] as const) {
    new QueueAlarms(scope, `Alarms-${what}`, {
      queueName: queue.queueName,
      deadLetterQueueName: queue.deadLetterQueueName,
      ...(oldestMessage === undefined ? {} : { oldest: oldestMessage }),
      alarmPrefix: names.alarm(what),
      runbookPrefix: names.runbookSection(what),
      topics,
    });
  }
}

/** What watches the system (docs/observability.md). Made last: its page shows every alarm that there is. */
export class Observability extends Construct {
  public constructor(scope: Construct, id: string, props: WatchedParts & { readonly topics: AlertTopics; readonly stackName: string }) {
    super(scope, id);
    const { config, names, stackName, topics } = props;
    new Alarms(this, "Alarms", props);
    new CostBudgets(this, "Budgets", {
      budgetName: names.budget,
      monthlyDollars: config.observability.monthlyBudgetDollars,
      stackName,
      topics,
    });
    new LogQueries(this, "Queries", props);
    addDashboard(this, props, alarmArnsOf(TerraformStack.of(this)));
  }
}
