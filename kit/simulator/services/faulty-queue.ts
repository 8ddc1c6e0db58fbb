import type { QueueDepth } from "../../ports/capacity";
import type { JobQueue, MessageSink, ReceivedMessage } from "../../ports/job-queue";
import type { FaultPlan } from "../kernel/faults";
import type { VirtualTime } from "../kernel/virtual-time";
import type { MemoryQueue } from "../memory/memory-queue";
import { SECOND } from "../kernel/times";

/** A queue that delivers late and more than once, as a standard queue may. */
export class FaultyQueue implements JobQueue, MessageSink, QueueDepth {
  public constructor(
    private readonly queue: MemoryQueue,
    private readonly world: { readonly time: VirtualTime; readonly faults: FaultPlan },
  ) {}

  public async receive(options: Parameters<JobQueue["receive"]>[0]): Promise<ReceivedMessage[]> {
    const received = await this.queue.receive(options);
    for (const { messageId } of received) this.mayComeTwice(messageId);
    return received;
  }
  public extend(messages: readonly ReceivedMessage[], leaseSeconds: number): Promise<ReceivedMessage[]> {
    return this.queue.extend(messages, leaseSeconds);
  }
  public delete(messages: readonly ReceivedMessage[]): Promise<void> {
    return this.queue.delete(messages);
  }
  public async send(bodies: readonly string[]): Promise<void> {
    const { faults } = this.world;
    for (const body of bodies) await this.queue.send([body], faults.strikes("sqs-delayed") ? faults.draw(1, 300) : 0);
  }
  public read(): Promise<{ readonly visible: number; readonly inFlight: number }> {
    return this.queue.read();
  }

  private mayComeTwice(messageId: string): void {
    const { faults, time } = this.world;
    if (!faults.strikes("sqs-delivered-twice")) return;
    time.after(faults.drawLogUniform(10, 400 * SECOND), () => {
      this.queue.duplicate(messageId);
    });
  }
}
