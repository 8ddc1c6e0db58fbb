import type { FaultPlan } from "../kernel/faults";
import type { Random } from "../kernel/random";
import { SECOND } from "../kernel/times";
import type { VirtualTime } from "../kernel/virtual-time";
import type { StackModel } from "../stack/stack-model";
import type { StackTarget } from "../stack/types/events";
import type { FunctionsService } from "./functions-service";

export interface EventBusWorld {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: FaultPlan;
  readonly model: StackModel;
  /** Asked when an event is delivered: functions may be made of what sends events. */
  readonly functions: () => Pick<FunctionsService, "invokeAsync">;
  /** Takes an event that could not be delivered, for the queue with the ARN. @default what is lost is lost, with or without such a queue */
  readonly onUndelivered?: (queueArn: string, event: object) => void;
}

/** EventBridge: gives events to the functions that the stack's rules name, perhaps late, twice or not at all. */
export class EventBus {
  public constructor(private readonly world: EventBusWorld) {}

  /** An event that comes to the event bus. */
  public emit(event: object): void {
    this.sendTo(this.world.model.targetsOf(event), event);
  }

  /**
   * An event for targets of rules. It may come twice whatever retries the function is configured for: the queue of asynchronous events is
   * eventually consistent, and may deliver one again that did not fail.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  public sendTo(targets: readonly StackTarget[], event: object): void {
    const { faults, functions, model, onUndelivered, random, time } = this.world;
    for (const { arn, deadLetterArn, input } of targets) {
      if (faults.strikes("event-lost")) {
        if (deadLetterArn !== undefined) onUndelivered?.(deadLetterArn, event);
        continue;
      }
      const { code } = model.functionOfArn(arn);
      const deliver = (): void => {
        functions().invokeAsync(code, input ?? event);
      };
      time.after(random.int(100, 3_000), deliver);
      if (faults.strikes("event-delivered-twice")) time.after(faults.draw(1, 120) * SECOND, deliver);
    }
  }
}
