import { isForScaling, isScalingPolicy } from "../../../../kit/alarms/metric-alarm";
import { CloudWatch } from "../../../../kit/simulator/cloudwatch/cloud-watch";
import type { Random } from "../../../../kit/simulator/kernel/random";
import { RESULTS_CLIENT } from "../../../../kit/simulator/kernel/sim-process";
import { EVENT_METRICS } from "../../contracts/metrics";
import type { World } from "./world";

/**
 * CloudWatch where somebody looks at all alarms, or where some of them change the fleet's capacity.
 *
 * @param random its own: whether somebody looks changes nothing of what happens
 */
export function cloudWatchOf(world: World, random: Random): CloudWatch | undefined {
  const { deployed, options } = world;
  const alarms = options.watchesAlarms === true ? deployed.alarms : deployed.alarms.filter((alarm) => isForScaling(alarm));
  if (alarms.length === 0) return undefined;
  return new CloudWatch({
    alarms,
    faults: world.faults,
    onAction: (action) => {
      if (isScalingPolicy(action.arn)) world.fleet.act(action);
    },
    time: world.time,
    model: world.deployed,
    queueAt: (url) => world.queueAt(url),
    random,
    groupFigures: (name) => (world.onDemandFleet?.group.name === name ? world.onDemandFleet : world.fleet).figures,
    ownMetrics: { events: EVENT_METRICS, system: world.deployed.metricsSystem },
  });
}

/** A table refused a call. @param operation with the client's mark, where it is not the ledger's */
export function tellThrottled({ cloudWatch, deployed }: World, operation: string): void {
  const { ledger, results } = deployed.tableNames;
  cloudWatch?.tables.throttled(operation.endsWith(RESULTS_CLIENT) ? results : ledger, operation.replace(RESULTS_CLIENT, ""));
}
