import { Heap } from "../../lib/heap";

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/** Time that goes from one planned action to the next, in milliseconds, for what never waits for a promise: a million take a second. */
export class EventLoop {
  private readonly events = new Heap<Planned>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  private order = 0;
  private present = 0;

  public get now(): number {
    return this.present;
  }

  /** Plans an action; what would be in the past comes now. */
  public at(at: number, action: () => void): void {
    this.order += 1;
    this.events.push({ at: Math.max(at, this.present), order: this.order, action });
  }

  public after(milliseconds: number, action: () => void): void {
    this.at(this.present + milliseconds, action);
  }

  /** Until nothing is planned, or it is over, or the time is up. */
  public run(isOver: () => boolean, until: number): void {
    for (let event = this.events.pop(); event !== undefined && event.at <= until; event = this.events.pop()) {
      this.present = event.at;
      event.action();
      if (isOver()) return;
    }
  }
}
