/** The Auto Scaling group of the fleet. */
export interface Capacity {
  read(): Promise<{ readonly desired: number; readonly maximum: number }>;
  /** One caller only: the orchestrator, which only raises (invariant 6). */
  setDesired(capacity: number): Promise<void>;
}
/** How a worker ends itself: terminates its own instance and lowers the desired capacity by one. */
export interface Retirement {
  /** @returns false when the group refused: stay */
  retire(): Promise<boolean>;
}
/** Depth of a queue, approximate. */
export interface QueueDepth {
  read(): Promise<{ readonly visible: number; readonly inFlight: number }>;
}
