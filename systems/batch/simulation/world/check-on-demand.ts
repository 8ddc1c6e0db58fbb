import { START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import type { World } from "./world";

/** On-demand capacity that no chunk was handed over to costs nothing. */
export function checkOnDemand({ facts, onDemandFleet }: World): void {
  if (onDemandFleet === undefined || facts.handedOver.size > 0) return;
  const paid = onDemandFleet.paid.since(START_MILLISECONDS);
  if (paid > 0) facts.violate(6, `on-demand instances were paid for ${Math.round(paid / 1_000)} s, and no chunk waited for any`);
}
