import type { LocalAlarms } from "./local-alarms";
import { GROUP_NAMESPACE, QUEUE_METRICS, QUEUE_NAMESPACE } from "./local-alarms";
import type { GroupMetric, GroupRecord } from "./group-record";
import type { LocalScaling } from "./local-scaling";
import { isPending } from "../../scaling/instance";
import type { ScalingGroup } from "../../scaling/scaling-group";

const MINUTE = 60_000;

/** Attributes of a queue, by its name. */
export type QueueDepths = ReadonlyMap<string, Readonly<Record<string, string>>>;

export interface MinutesOptions {
  readonly scaling: LocalScaling;
  readonly alarms: LocalAlarms;
  /** How many messages are in which queue now. */
  readonly depths: () => Promise<QueueDepths>;
  /** Told what went wrong in a minute, which the next one makes good. */
  readonly say: (line: string) => void;
}

/**
 * What comes each minute of the policies' time: queues and groups report, then alarms are evaluated, and policies carried out.
 *
 * @returns ends it; settles when the minute under way is over
 */
export function runMinutes({ alarms, depths, say, scaling }: MinutesOptions): () => Promise<void> {
  const { clock } = scaling;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let working: Promise<void> = Promise.resolve();
  const minute = async (end: number): Promise<void> => {
    endMinute({ alarms, scaling }, await depths(), end);
  };
  const plan = (): void => {
    if (isOver) return;
    const end = Math.floor(clock.now() / MINUTE) * MINUTE + MINUTE;
    timer = setTimeout(() => {
      working = minute(end)
        .catch((error: unknown) => {
          if (!isOver) say(`alarms were not evaluated for a minute: ${error instanceof Error ? error.message : String(error)}`);
        })
        .then(plan);
    }, clock.timerUntil(end));
    timer.unref();
  };
  plan();
  return async () => {
    isOver = true;
    clearTimeout(timer);
    await working;
  };
}

/** Queues and groups report, alarms are evaluated, and policies carried out. @param end of the minute, in milliseconds since the epoch */
export function endMinute({ alarms, scaling }: Pick<MinutesOptions, "alarms" | "scaling">, depths: QueueDepths, end: number): void {
  report(alarms, scaling, depths, end);
  const now = scaling.clock.now();
  for (const action of alarms.evaluate(end)) scaling.engine.execute(action, now);
  scaling.settle();
}

/** @param end of the minute that the values are of */
function report(alarms: LocalAlarms, scaling: LocalScaling, depths: QueueDepths, end: number): void {
  const at = end - 1;
  for (const [queue, attributes] of depths)
    for (const [name, attribute] of Object.entries(QUEUE_METRICS))
      alarms.store
        .watch({ namespace: QUEUE_NAMESPACE, name, dimensions: { QueueName: queue } })
        .add(at, Number(attributes[attribute] ?? 0));
  for (const record of scaling.groups)
    for (const [name, value] of groupValues(record, scaling.group(record.name)))
      alarms.store.watch({ namespace: GROUP_NAMESPACE, name, dimensions: { AutoScalingGroupName: record.name } }).add(at, value);
}

/** Those that are switched on. */
function groupValues({ metrics }: GroupRecord, { desired, instances, settings }: ScalingGroup): [string, number][] {
  const values: Readonly<Record<GroupMetric, number>> = {
    GroupMinSize: settings.minimum,
    GroupMaxSize: settings.maximum,
    GroupDesiredCapacity: desired,
    GroupInServiceInstances: instances.filter(({ state }) => state === "InService").length,
    GroupPendingInstances: instances.filter(isPending).length,
    GroupStandbyInstances: 0,
    GroupTerminatingInstances: instances.filter(({ state }) => state.startsWith("Terminating")).length,
    GroupTotalInstances: instances.length,
  };
  return Object.entries(values).filter(([name]) => metrics.has(name));
}
