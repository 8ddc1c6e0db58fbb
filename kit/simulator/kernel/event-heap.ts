import { Heap } from "../../lib/heap";

/** Something that happens at a time; of those at the same time the one that was planned first happens first. */
export interface PlannedEvent {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
  cancelled: boolean;
}

const isBefore = (a: PlannedEvent, b: PlannedEvent): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** What is planned, earliest first. */
export class EventHeap extends Heap<PlannedEvent> {
  public constructor() {
    super(isBefore);
  }
}
