import { CloudWatch } from "../../../../kit/simulator/cloudwatch/cloud-watch";
import type { Random } from "../../../../kit/simulator/kernel/random";
import { RESULTS_CLIENT } from "../../../../kit/simulator/kernel/sim-process";
import { EVENT_METRICS } from "../../contracts/metrics";
import type { World } from "./world";

/** @param random its own: whether somebody looks changes nothing of what happens */
export const cloudWatchOf = (world: World, random: Random): CloudWatch =>
  new CloudWatch({
    time: world.time,
    model: world.deployed,
    queueAt: (url) => world.queueAt(url),
    random,
    groupFigures: () => world.fleet.figures,
    ownMetrics: { events: EVENT_METRICS, system: world.deployed.metricsSystem },
  });

/** A table refused a call. @param operation with the client's mark, where it is not the ledger's */
export function tellThrottled({ cloudWatch, deployed }: World, operation: string): void {
  const { ledger, results } = deployed.tableNames;
  cloudWatch?.tables.throttled(operation.endsWith(RESULTS_CLIENT) ? results : ledger, operation.replace(RESULTS_CLIENT, ""));
}
