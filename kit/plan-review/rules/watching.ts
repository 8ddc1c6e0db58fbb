import type { ResourceChange } from "../plan";
import type { Finding, Rule } from "../rule";
import { blocksAt, textAt, valueAt, type Value } from "../values";

const SCHEDULES: Readonly<Record<string, (value: Value) => boolean>> = {
  aws_cloudwatch_event_rule: (value) => valueAt(value, ["is_enabled"]) !== false && textAt(value, "state") !== "DISABLED",
  aws_scheduler_schedule: (value) => textAt(value, "state") !== "DISABLED",
  aws_autoscaling_schedule: () => true,
  aws_cloudwatch_event_target: () => true,
  aws_lambda_event_source_mapping: (value) => valueAt(value, ["enabled"]) !== false,
  aws_s3_bucket_notification: () => true,
};
const ALARMS = [
  "aws_cloudwatch_metric_alarm",
  "aws_cloudwatch_composite_alarm",
  "aws_budgets_budget",
  "aws_sns_topic_subscription",
] as const;

/** Whether it is gone, and nothing of the same type takes its place under another name: its own attributes but names. */
const isGone = ({ after, before, action }: ResourceChange): boolean => before !== null && (after === null || action === "forget");

export const alarmRemoved: Rule = {
  id: "alarm-removed",
  title: "what is watched stays watched",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.ofType(...ALARMS)) {
      const { address, after, before } = change;
      if (isGone(change)) {
        yield {
          address,
          problem: "nobody would be told any more of what it watches",
          fix: "keep it; if what it watches is gone for good, an exception",
        };
        continue;
      }
      if (before === null) continue;
      if (valueAt(before, ["actions_enabled"]) === true && valueAt(after, ["actions_enabled"]) === false)
        yield { address, problem: "its actions are switched off", fix: "keep actions_enabled" };
      for (const name of ["alarm_actions", "ok_actions"]) {
        if (blocksAt(before, [name]).length > 0 && Array.isArray(valueAt(after, [name])) && blocksAt(after, [name]).length === 0)
          yield { address, problem: `${name} is empty: it fires, and nobody is told`, fix: "keep its actions" };
      }
      const [was, is] = [valueAt(before, ["treat_missing_data"]), valueAt(after, ["treat_missing_data"])];
      if (was === "breaching" && typeof is === "string" && is !== was)
        yield {
          address,
          problem: `missing data is '${is}' instead of 'breaching': silence is no alarm any more`,
          fix: "keep treat_missing_data",
        };
    }
  },
};

export const scheduleRemoved: Rule = {
  id: "schedule-removed",
  title: "what runs by itself goes on running",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.changes) {
      const isOn = SCHEDULES[change.type];
      if (isOn === undefined || change.before === null || !isOn(change.before)) continue;
      if (isGone(change))
        yield {
          address: change.address,
          problem: "what it started is started no more",
          fix: "keep it; if nothing is to be started, an exception",
        };
      else if (!isOn(change.after)) yield { address: change.address, problem: "it is switched off", fix: "keep it enabled" };
    }
  },
};
