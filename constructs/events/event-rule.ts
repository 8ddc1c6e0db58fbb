import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { Construct } from "constructs";
import type { EventTarget } from "./event-target";

/** `rate(...)` or `cron(...)`; or the events to match. */
export type RuleTrigger = { readonly schedule: string } | { readonly eventPattern: object };

export interface EventRuleProps {
  readonly ruleName: string;
  readonly description: string;
  readonly trigger: RuleTrigger;
  readonly target: EventTarget;
  /**
   * The queue that takes events that the target didn't take: EventBridge tries for 24 hours, at most 185 times. What the target took and
   * then failed at is not among them: that is the target's own to keep.
   *
   * @default none - such an event is lost, which is right only where something else finds what it told of
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
   */
  readonly undelivered?: EventTarget & { readonly queueArn: string };
}

/** Gives events of the account's own bus, or a schedule's ticks, to a function or a queue, which it is let into. */
export class EventRule extends Construct {
  public readonly ruleArn: string;

  public constructor(scope: Construct, id: string, { ruleName, description, trigger, target, undelivered }: EventRuleProps) {
    super(scope, id);
    const rule = new CloudwatchEventRule(this, "Resource", {
      name: ruleName,
      description,
      ...("schedule" in trigger ? { scheduleExpression: trigger.schedule } : { eventPattern: JSON.stringify(trigger.eventPattern) }),
    });
    this.ruleArn = rule.arn;
    const bound = target.bindRule({ id, ruleArn: rule.arn });
    const kept = undelivered?.bindRule({ id: `${id}Undelivered`, ruleArn: rule.arn });
    const dependsOn = [...bound.dependsOn, ...(kept?.dependsOn ?? [])];
    new CloudwatchEventTarget(this, "Target", {
      rule: rule.name,
      arn: bound.arn,
      ...(kept === undefined ? {} : { deadLetterConfig: { arn: kept.arn } }),
      ...(dependsOn.length === 0 ? {} : { dependsOn }),
    });
  }
}
