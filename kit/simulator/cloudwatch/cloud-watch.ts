import { AlarmEngine, type AlarmAction, type AlarmTransition } from "../../alarms/alarm-engine";
import { LogMetrics } from "../../alarms/log-metrics";
import type { AlarmState, MetricAlarm } from "../../alarms/metric-alarm";
import { MetricStore } from "../../alarms/metric-store";
import type { EventMetrics } from "../../lib/event-metrics";
import type { LogEvent } from "../../lib/log";
import type { FaultPlan } from "../kernel/faults";
import type { Random } from "../kernel/random";
import { MINUTE, SECOND } from "../kernel/times";
import type { VirtualTime } from "../kernel/virtual-time";
import type { MemoryQueue } from "../memory/memory-queue";
import type { StackModel } from "../stack/stack-model";
import { LineMetrics, type OwnMetrics } from "./line-metrics";
import { ExecutionMetrics } from "./execution-metrics";
import { FunctionMetrics } from "./function-metrics";
import { GroupMetrics, type GroupFigures } from "./group-metrics";
import type { MetricSource } from "./metric-source";
import { QueueMetrics } from "./queue-metrics";
import { TableMetrics } from "./table-metrics";

/** An alarm looks at a metric that nothing in the world reports: it would be quiet for ever, and prove nothing. */
export class UnsuppliedMetricError extends Error {
  public override readonly name = "UnsuppliedMetricError";
  public constructor(alarm: MetricAlarm, metrics: readonly object[]) {
    super(
      `the alarm ${alarm.name} looks at ${metrics.map((metric) => JSON.stringify(metric)).join(" and ")}, which nothing in the world reports; ` +
        "correct the alarm, or add a source to kit/simulator/cloudwatch",
    );
  }
}

/** What a process logs. */
export interface LogLine {
  readonly level: Parameters<LogEvent>[0];
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What CloudWatch looks at. */
export interface WatchedWorld {
  readonly time: VirtualTime;
  readonly model: StackModel;
  readonly queueAt: (url: string) => MemoryQueue;
  readonly random: Random;
  /** Those that are evaluated. @default all of the stack's */
  readonly alarms?: readonly MetricAlarm[];
  /** What goes wrong between a metric and its alarm. @default nothing */
  readonly faults?: Pick<FaultPlan, "draw" | "strikes">;
  /** What the Auto Scaling groups have, each by its name. @default they report nothing */
  readonly groupFigures?: (groupName: string) => GroupFigures;
  /** What lines of its processes carry. @default nothing */
  readonly ownMetrics?: OwnMetrics;
  /** Told of what alarms ask for. @default nobody: nothing is done */
  readonly onAction?: (action: AlarmAction) => void;
}

/** How long after its evaluation an alarm's action may come. */
const LATEST_SECONDS = 600;

/** CloudWatch in a world: takes what services report, and evaluates the stack's alarms each minute. */
export class CloudWatch {
  /** Told of invocations. */
  public readonly functions: FunctionMetrics;
  /** Told of calls that tables refuse. */
  public readonly tables: TableMetrics;
  private readonly lines: LineMetrics | undefined;
  private readonly store = new MetricStore();
  private readonly logs: LogMetrics;
  private readonly executions: ReadonlyMap<string, ExecutionMetrics>;
  /** All changes of state so far. */
  public readonly history: AlarmTransition[] = [];
  private readonly engine: AlarmEngine;
  private readonly sources: readonly MetricSource[];
  private readonly alarms: readonly MetricAlarm[];

  public constructor(private readonly world: WatchedWorld) {
    const { groupFigures, model, ownMetrics, queueAt, random, time } = world;
    this.alarms = world.alarms ?? model.alarms;
    this.engine = new AlarmEngine(this.alarms, this.store);
    this.logs = new LogMetrics(model.logMetricFilters, this.store);
    this.functions = new FunctionMetrics(model, time, this.store);
    this.tables = new TableMetrics(model, time, this.store);
    this.lines = ownMetrics === undefined ? undefined : new LineMetrics(ownMetrics, time, this.store);
    this.executions = new Map(model.machines.map(({ arn }) => [arn, new ExecutionMetrics(arn, time, this.store)]));
    this.sources = [
      this.logs,
      this.functions,
      this.tables,
      ...(this.lines === undefined ? [] : [this.lines]),
      ...this.executions.values(),
      new QueueMetrics(model, queueAt, this.store, random),
      ...(groupFigures === undefined
        ? []
        : model.groups.map((group) => new GroupMetrics(group, () => groupFigures(group.name), this.store))),
    ];
  }

  /** @returns what is told of the executions of a machine. @throws RangeError when the stack has no such machine */
  public executionsOf(machineArn: string): ExecutionMetrics {
    const metrics = this.executions.get(machineArn);
    if (metrics === undefined) throw new RangeError(`the stack has no state machine ${machineArn}`);
    return metrics;
  }

  /** A line comes to a log group. @param carried metrics that lines of its process carry. @default none */
  public addLine(logGroupName: string, { event, fields, level }: LogLine, carried: EventMetrics = {}): void {
    this.logs.add(logGroupName, this.world.time.now(), { ...fields, level: level.toUpperCase(), message: event });
    this.lines?.add(carried, event, fields);
  }

  public stateOf(alarmName: string): AlarmState | undefined {
    return this.engine.stateOf(alarmName);
  }

  /** From now on, for as long as the world lasts. @throws UnsuppliedMetricError */
  public start(): void {
    for (const alarm of this.alarms) {
      const unsupplied = alarm.series.flatMap((series) =>
        series.kind === "metric" && !this.sources.some((source) => source.supplies(series.metric)) ? [series.metric] : [],
      );
      if (unsupplied.length > 0) throw new UnsuppliedMetricError(alarm, unsupplied);
    }
    this.nextMinute();
  }

  private nextMinute(): void {
    const { faults, time } = this.world;
    time.after(MINUTE - (time.now() % MINUTE), () => {
      const now = time.now();
      if (faults?.strikes("metrics-missing") !== true) for (const source of this.sources) source.report?.(now - MINUTE);
      const { actions, transitions } = this.engine.evaluate(now);
      this.history.push(...transitions);
      const lateSeconds = actions.length > 0 && faults?.strikes("alarms-late") === true ? faults.draw(1, LATEST_SECONDS) : 0;
      if (lateSeconds === 0) this.act(actions);
      else
        time.after(lateSeconds * SECOND, () => {
          this.act(actions);
        });
      this.nextMinute();
    });
  }

  private act(actions: readonly AlarmAction[]): void {
    for (const action of actions) this.world.onAction?.(action);
  }
}
