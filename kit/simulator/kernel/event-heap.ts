/** Something that happens at a time; of those at the same time the one that was planned first happens first. */
export interface PlannedEvent {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
  cancelled: boolean;
}

const isBefore = (a: PlannedEvent, b: PlannedEvent): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap of events, earliest first. */
export class EventHeap {
  private readonly events: PlannedEvent[] = [];

  public get size(): number {
    return this.events.length;
  }

  public push(event: PlannedEvent): void {
    const { events } = this;
    let at = events.length;
    events.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = events[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      events[at] = parent;
      at = above;
    }
    events[at] = event;
  }

  public pop(): PlannedEvent | undefined {
    const { events } = this;
    const first = events[0];
    const last = events.pop();
    if (last !== undefined && events.length > 0) this.sink(last);
    return first;
  }

  private sink(event: PlannedEvent): void {
    const { events } = this;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = events[below];
      const right = events[below + 1];
      if (child !== undefined && right !== undefined && isBefore(right, child)) {
        child = right;
        below += 1;
      }
      if (child === undefined || !isBefore(child, event)) break;
      events[at] = child;
      at = below;
    }
    events[at] = event;
  }
}
