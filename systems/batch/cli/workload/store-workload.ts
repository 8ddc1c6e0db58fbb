import { BoundWorkload } from "../../../../workloads/bound-workload";
import type { WorkloadRecord } from "../../../../workloads/record";
import { storeArtefacts } from "../../core/workloads/store-artefacts";
import type { Services } from "../services";
import type { ReadyWorkload } from "./look-at-workload";

/** Stores what a workload brings along. @returns what the batch's row says of it */
export async function storeWorkload(
  { clock, objects, outputs }: Pick<Services, "clock" | "objects" | "outputs">,
  { files, name, options }: ReadyWorkload,
): Promise<WorkloadRecord> {
  const artefacts = await storeArtefacts({ objects, clock, stateBucket: outputs.state_bucket }, files);
  return BoundWorkload.of(name, options, artefacts).record;
}
