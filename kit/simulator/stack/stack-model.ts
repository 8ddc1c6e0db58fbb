import type { EvaluatedStack } from "../../graph/evaluated-stack";
import type { LogMetricFilter } from "../../alarms/log-metrics";
import type { MetricAlarm } from "../../alarms/metric-alarm";
import { matches } from "./event-pattern";
import type { MemoryType } from "./memory-type";
import { groupType, hookType, policyType, scheduleType, subnetType, type StackGroup } from "./types/autoscaling";
import type { ScaledGroup } from "../../scaling/auto-scaling";
import { logMetricFilterType, metricAlarmType } from "./types/cloudwatch";
import { tableType, type StackTable } from "./types/dynamodb";
import { ruleType, targetType, type StackTarget } from "./types/events";
import { eventInvokeConfigType, functionType, type EventInvokeConfig, type StackFunction } from "./types/lambda";
import { bucketType, notificationType, type StackBucket } from "./types/s3";
import { queueType, type StackQueue } from "./types/sqs";
import { machineType, type StackMachine } from "./types/step-functions";

/** A rule that sends an event each time that passed. */
export interface Schedule {
  readonly rule: string;
  readonly everySeconds: number;
  readonly targets: readonly StackTarget[];
}

/** Something that the stack should have and has not: a reference in it leads nowhere. */
export class NotInStackError extends Error {
  public override readonly name = "NotInStackError";
  public constructor(what: string, value: string, known: readonly string[]) {
    super(`the stack has no ${what} '${value}'; it has ${known.length === 0 ? "none" : known.join(", ")}`);
  }
}

/** What an evaluated stack is for those who make it in memory: found by the names that its own parts have for each other. */
export class StackModel {
  public readonly queues: readonly StackQueue[];
  public readonly buckets: readonly StackBucket[];
  public readonly tables: readonly StackTable[];
  public readonly functions: readonly StackFunction[];
  public readonly machines: readonly StackMachine[];
  public readonly schedules: readonly Schedule[];

  public constructor(public readonly stack: EvaluatedStack) {
    this.queues = this.all("aws_sqs_queue", queueType);
    this.buckets = this.all("aws_s3_bucket", bucketType);
    this.tables = this.all("aws_dynamodb_table", tableType);
    this.functions = this.all("aws_lambda_function", functionType);
    this.machines = this.all("aws_sfn_state_machine", machineType);
    this.schedules = this.all("aws_cloudwatch_event_rule", ruleType).flatMap(({ everySeconds, name }) =>
      everySeconds === undefined ? [] : [{ rule: name, everySeconds, targets: this.targetsOfRule(name) }],
    );
  }

  public get alarms(): readonly MetricAlarm[] {
    return this.all("aws_cloudwatch_metric_alarm", metricAlarmType);
  }
  public get logMetricFilters(): readonly LogMetricFilter[] {
    return this.all("aws_cloudwatch_log_metric_filter", logMetricFilterType);
  }
  public get groups(): readonly StackGroup[] {
    return this.all("aws_autoscaling_group", groupType);
  }

  /** The groups with all that may change their size. @throws NotInStackError for a subnet that is in no zone of the stack */
  public get scaledGroups(): ScaledGroup[] {
    const subnets = this.all("aws_subnet", subnetType);
    const policies = this.all("aws_autoscaling_policy", policyType);
    const hooks = this.all("aws_autoscaling_lifecycle_hook", hookType);
    const actions = this.all("aws_autoscaling_schedule", scheduleType);
    return this.groups.map(({ subnetIds, ...group }) => ({
      definition: {
        ...group,
        zones: subnetIds.map((id) => found(subnets, "subnet", id, (subnet) => subnet.id).zone),
        hooks: hooks.filter(({ groupName }) => groupName === group.name).map(({ hook }) => hook),
      },
      policies: new Map(policies.filter(({ groupName }) => groupName === group.name).map(({ arn, policy }) => [arn, policy])),
      schedule: actions.filter(({ groupName }) => groupName === group.name).map(({ action }) => action),
    }));
  }

  /** @throws NotInStackError */
  public queueAt(url: string): StackQueue {
    return found(this.queues, "queue at", url, (queue) => queue.url);
  }
  /** @throws NotInStackError */
  public queueOfArn(arn: string): StackQueue {
    return found(this.queues, "queue", arn, (queue) => queue.arn);
  }
  /** @throws NotInStackError */
  public table(name: string): StackTable {
    return found(this.tables, "table", name, (table) => table.name);
  }
  /** @throws NotInStackError */
  public functionOfArn(arn: string): StackFunction {
    return found(this.functions, "function", arn, (each) => each.arn);
  }
  /** @param code names what runs: StackFunction.code @throws NotInStackError */
  public functionOfCode(code: string): StackFunction {
    return found(this.functions, "function with the code", code, (each) => each.code);
  }
  /** @throws NotInStackError */
  public machineOfArn(arn: string): StackMachine {
    return found(this.machines, "state machine", arn, (each) => each.arn);
  }

  /** What becomes of events of a function that nobody waits for; undefined where Lambda's own rules are for it. */
  public eventInvokeConfig(functionName: string): EventInvokeConfig | undefined {
    return this.all("aws_lambda_function_event_invoke_config", eventInvokeConfigType).find((each) => each.functionName === functionName);
  }

  /** Where the rules send an event that came to the event bus. */
  public targetsOf(event: unknown): StackTarget[] {
    return this.all("aws_cloudwatch_event_rule", ruleType).flatMap(({ name, pattern }) =>
      pattern !== undefined && matches(pattern, event) ? this.targetsOfRule(name) : [],
    );
  }

  /** Queues that are told of an object. @param event as S3 names it, such as `s3:ObjectCreated:Put` */
  public queuesToldOf(bucket: string, key: string, event: string): StackQueue[] {
    return this.toldOf("queues", bucket, key, event).map((arn) => this.queueOfArn(arn));
  }

  /** Functions that are called for an object. @param event as S3 names it, such as `s3:ObjectCreated:Put` */
  public functionsToldOf(bucket: string, key: string, event: string): StackFunction[] {
    return this.toldOf("functions", bucket, key, event).map((arn) => this.functionOfArn(arn));
  }

  private toldOf(kind: "functions" | "queues", bucket: string, key: string, event: string): string[] {
    return this.all("aws_s3_bucket_notification", notificationType)
      .filter((notifications) => notifications.bucket === bucket)
      .flatMap((notifications) => notifications[kind])
      .filter(({ events, prefix, suffix }) => key.startsWith(prefix) && key.endsWith(suffix) && events.some((each) => covers(each, event)))
      .map(({ targetArn }) => targetArn);
  }

  private targetsOfRule(rule: string): StackTarget[] {
    return this.all("aws_cloudwatch_event_target", targetType).filter((target) => target.rule === rule);
  }

  private all<T>(type: string, memoryType: MemoryType<T>): T[] {
    return this.stack.resources.filter((resource) => resource.type === type).map((resource) => memoryType.read(resource));
  }
}

/** `s3:ObjectCreated:*` covers `s3:ObjectCreated:Put`. */
const covers = (pattern: string, event: string): boolean =>
  pattern.endsWith("*") ? event.startsWith(pattern.slice(0, -1)) : event === pattern;

function found<T>(all: readonly T[], what: string, value: string, nameOf: (each: T) => string): T {
  const one = all.find((each) => nameOf(each) === value);
  if (one === undefined) throw new NotInStackError(what, value, all.map(nameOf));
  return one;
}
