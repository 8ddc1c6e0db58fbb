import type { FailedEvent } from "../../../../kit/simulator/services/functions-service";
import { claimantOf } from "./functions";
import type { World } from "./world";

/** What befalls invocations, as the world's facts and queues see it. */
export const functionEvents = (world: Pick<World, "deployed" | "facts" | "queueAt">) => ({
  onLoss: (name: string, payload: unknown, requestId: string): void => {
    const claimant = claimantOf(name, payload, requestId);
    if (claimant !== undefined) world.facts.lost(claimant);
  },
  onTwice: (name: string, payload: unknown): void => {
    // an invocation of its own, which is lost or not: only attempts at chunks share their claimant
    if (name !== "process-chunk") return;
    // whichever of the two works on when the other has answered is heard of no more: it is as good as lost, whenever it claimed
    const claimant = claimantOf(name, payload, "");
    if (claimant !== undefined) world.facts.lost(claimant, Number.POSITIVE_INFINITY);
  },
  onFailedEvent: ({ queueArn, record }: FailedEvent): void => {
    void world.queueAt(world.deployed.queueOfArn(queueArn).url).send([JSON.stringify(record)]);
  },
});
