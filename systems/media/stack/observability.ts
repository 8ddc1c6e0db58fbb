import { Construct } from "constructs";
import { alarmArnsOf } from "../../../constructs/observability/alarm";
import { AlertRoutes } from "../../../constructs/observability/alert-routes";
import { CostBudgets } from "../../../constructs/observability/cost-budgets";
import { addAlarms, type WatchedParts } from "./alarms";
import { addDashboard } from "./dashboard";
import { addQueries } from "./log-queries";

export interface ObservabilityProps extends WatchedParts {
  readonly accountId: string;
  readonly stackName: string;
}

/** What watches the system (docs/observability.md). */
export class Observability extends Construct {
  public constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { accountId, config, stackName } = props;
    const { namePrefix, observability, region } = config;
    const { topics } = new AlertRoutes(this, "Routes", {
      prefix: `${namePrefix}media-alerts-`,
      region,
      accountId,
      subscribers: { critical: observability.criticalAlerts, warning: observability.warningAlerts },
    });
    addAlarms(this, props, topics);
    new CostBudgets(this, "Budgets", {
      budgetName: `${namePrefix}media-month`,
      monthlyDollars: observability.monthlyBudgetDollars,
      stackName,
      topics,
    });
    addQueries(this, props);
    addDashboard(this, props, alarmArnsOf(this));
  }
}
