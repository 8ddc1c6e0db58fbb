import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { Construct } from "constructs";

/** What an event rule can call. */
export interface RuleTarget {
  readonly functionArn: string;
  allowRule(id: string, ruleArn: string): void;
}

/** `rate(...)` or `cron(...)`; or the events to match. */
export type RuleTrigger = { readonly schedule: string } | { readonly eventPattern: object };

export interface FunctionRuleProps {
  readonly ruleName: string;
  readonly description: string;
  readonly trigger: RuleTrigger;
  readonly target: RuleTarget;
}

/** Calls a Lambda by schedule or event. */
export class FunctionRule extends Construct {
  public constructor(scope: Construct, id: string, { ruleName, description, trigger, target }: FunctionRuleProps) {
    super(scope, id);
    const rule = new CloudwatchEventRule(this, "Resource", {
      name: ruleName,
      description,
      ...("schedule" in trigger ? { scheduleExpression: trigger.schedule } : { eventPattern: JSON.stringify(trigger.eventPattern) }),
    });
    new CloudwatchEventTarget(this, "Target", { rule: rule.name, arn: target.functionArn });
    target.allowRule(`Allow${id}`, rule.arn);
  }
}
