import type { StatusChange, World } from "./world";

/** EventBridge's events of executions that ended: best effort, so each one may be lost, late or doubled by a fault. */
export class StatusEvents {
  public constructor(
    private readonly world: Pick<World, "clock" | "faults" | "log">,
    private readonly handler: ((event: StatusChange) => void) | undefined,
  ) {}

  public send(event: StatusChange): void {
    const { faults, log } = this.world;
    if (this.handler === undefined) return;
    if (faults.loseStatusEvent?.(event) === true) {
      log("status_event_lost", { execution: event.name, status: event.status });
      return;
    }
    const copies = faults.duplicateStatusEvent?.(event) === true ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) void this.deliver(event, this.handler);
  }

  private async deliver(event: StatusChange, handler: (event: StatusChange) => void): Promise<void> {
    const delay = this.world.faults.statusEventDelay?.(event) ?? 0;
    // never within the call that ended the execution: its caller's own steps come first
    if (delay > 0) await this.world.clock.sleep(delay);
    else await Promise.resolve();
    handler(event);
  }
}
