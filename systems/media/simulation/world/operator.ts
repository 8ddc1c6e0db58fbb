import { z } from "zod";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";
import { classifyFunction } from "../../../../lambdas/media/classify/function";
import type { MediaWorld } from "./media-world";

/** Between two looks. */
const EVERY_MILLISECONDS = 10 * MINUTE;
const LEASE_SECONDS = 60;

/** An event that classify failed at is in Lambda's record; one that EventBridge could not deliver is as it was. */
const failedEventSchema = z.union([
  z.object({ requestPayload: z.looseObject({}) }).transform(({ requestPayload }) => requestPayload),
  z.looseObject({ "detail-type": z.string() }),
]);

/** Somebody who gives classify again what lies in the queue of failed events, as systems/media/README.md says. */
export function operate(world: MediaWorld): void {
  const look = async (): Promise<void> => {
    const queue = world.failedEvents;
    const messages = await queue.receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: LEASE_SECONDS });
    for (const { body } of messages) {
      world.trace.add("operator", "gives again", { body });
      // the same event often lies there twice, and sometimes people do things twice
      for (let times = world.faults.strikes("event-delivered-twice") ? 2 : 1; times > 0; times -= 1)
        world.functions.invokeAsync(classifyFunction.name, failedEventSchema.parse(JSON.parse(body)));
    }
    await queue.delete(messages);
    world.failedEventCount -= messages.length;
  };
  const again = (): void => {
    look().catch((error: unknown) => {
      world.facts.violate(`the operator can't read the queue of failed events: ${String(error)}`, 0);
    });
    world.time.after(EVERY_MILLISECONDS, again);
  };
  world.time.after(EVERY_MILLISECONDS + SECOND, again);
}
