import type { Plan, ResourceChange } from "../plan";
import type { Finding, Rule } from "../rule";
import { blocksAt, textAt, valueAt, type Value } from "../values";

const SCHEDULES: Readonly<Record<string, (value: Value) => boolean>> = {
  aws_cloudwatch_event_rule: (value) => valueAt(value, ["is_enabled"]) !== false && textAt(value, "state") !== "DISABLED",
  aws_scheduler_schedule: (value) => textAt(value, "state") !== "DISABLED",
  aws_autoscaling_schedule: () => true,
  aws_cloudwatch_event_target: () => true,
  aws_lambda_event_source_mapping: (value) => valueAt(value, ["enabled"]) !== false,
  aws_s3_bucket_notification: () => true,
  // backups by a plan, and what the plan is for
  aws_backup_plan: () => true,
  aws_backup_selection: () => true,
  aws_secretsmanager_secret_rotation: () => true,
};
const ALARMS = [
  "aws_cloudwatch_metric_alarm",
  "aws_cloudwatch_composite_alarm",
  "aws_budgets_budget",
  "aws_sns_topic_subscription",
  "aws_route53_health_check",
  "aws_cloudtrail",
  "aws_flow_log",
  "aws_guardduty_detector",
  "aws_config_configuration_recorder",
  "aws_securityhub_account",
  "aws_cloudwatch_log_subscription_filter",
] as const;

/** What of a trail or detector can be switched off while it stays. */
const SWITCHES = ["actions_enabled", "enable_logging", "is_multi_region_trail", "enable_log_file_validation", "enable"] as const;

/** Whether it is gone, and nothing of the same type takes its place under another name: its own attributes but names. */
const isGone = ({ after, before, action }: ResourceChange): boolean => before !== null && (after === null || action === "forget");

export const alarmRemoved: Rule = {
  id: "alarm-removed",
  title: "what is watched stays watched",
  severity: "block",
  *check(plan): Generator<Finding> {
    yield* clusterLogsRemoved(plan);
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
      for (const name of SWITCHES)
        if (valueAt(before, [name]) === true && valueAt(after, [name]) === false)
          yield {
            address,
            problem: name === "actions_enabled" ? "its actions are switched off" : `${name} is switched off`,
            fix: `keep ${name}`,
          };
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

/** Logs of a cluster's control plane that are written no more: its audit log among them. */
function* clusterLogsRemoved(plan: Plan): Generator<Finding> {
  for (const { address, after, before } of plan.ofType("aws_eks_cluster")) {
    if (before === null || after === null) continue;
    const kinds = (value: Value): readonly Value[] => blocksAt(value, ["enabled_cluster_log_types"]);
    const lost = kinds(before).filter((kind) => typeof kind === "string" && !kinds(after).includes(kind));
    if (lost.length > 0)
      yield { address, problem: `logs are written no more: ${lost.map(String).join(", ")}`, fix: "keep enabled_cluster_log_types" };
  }
}

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
