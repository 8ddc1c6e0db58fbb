import { BudgetsBudget, type BudgetsBudgetNotification } from "@cdktf/provider-aws/lib/budgets-budget";
import { Construct } from "constructs";
import { TAG_KEYS } from "../../kit/lib/stack-marks";
import type { AlertTopics, Severity } from "./alarm";

export interface CostBudgetsProps {
  /** Unique in the account. */
  readonly budgetName: string;
  /** US dollars in a calendar month. */
  readonly monthlyDollars: number;
  /** Value of the tag `Stack` of all that it makes: costs are counted by it once the account has activated it as a cost allocation tag. */
  readonly stackName: string;
  readonly topics: AlertTopics;
}

/** A month that costs so much more than the three before is unusual (requirement S2.95), in percent. */
const UP_PERCENT = 120;
const MONTHS_BEFORE = 3;

/**
 * What a month may cost, and what it usually costs. Budgets without actions are free; AWS reckons them up to three times a day.
 *
 * @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
 */
export class CostBudgets extends Construct {
  public constructor(scope: Construct, id: string, { budgetName, monthlyDollars, stackName, topics }: CostBudgetsProps) {
    super(scope, id);
    const tell = (severity: Severity, notificationType: "ACTUAL" | "FORECASTED", threshold: number): BudgetsBudgetNotification => ({
      comparisonOperator: "GREATER_THAN",
      notificationType,
      threshold,
      thresholdType: "PERCENTAGE",
      subscriberSnsTopicArns: [topics[severity]],
    });
    const common = {
      budgetType: "COST",
      timeUnit: "MONTHLY",
      // https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create-filters.html
      costFilter: [{ name: "TagKeyValue", values: [`user:${TAG_KEYS.stack}$${stackName}`] }],
    };
    new BudgetsBudget(this, "Month", {
      ...common,
      name: budgetName,
      limitAmount: String(monthlyDollars),
      limitUnit: "USD",
      notification: [tell("warning", "FORECASTED", 100), tell("critical", "ACTUAL", 100)],
    });
    new BudgetsBudget(this, "Usual", {
      ...common,
      name: `${budgetName}-usual`,
      autoAdjustData: { autoAdjustType: "HISTORICAL", historicalOptions: { budgetAdjustmentPeriod: MONTHS_BEFORE } },
      notification: [tell("warning", "ACTUAL", UP_PERCENT)],
    });
  }
}
