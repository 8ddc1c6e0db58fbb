/** The Auto Scaling group of the fleet. */
export interface Capacity {
  read(): Promise<{ readonly desired: number; readonly maximum: number }>;
  /** One caller only: the orchestrator, which only raises (invariant 6). */
  setDesired(capacity: number): Promise<void>;
}
/** How a worker ends its own instance. */
export interface Retirement {
  /** Lowers the desired capacity by one. @returns false when the group refused: stay */
  retire(): Promise<boolean>;
  /** The group launches another in its place. @returns false when the group refused: stay */
  replace(): Promise<boolean>;
}
/** The end of the instance that a worker runs on, whoever decided on it: the group waits for the worker's word, up to a time. */
export interface Termination {
  /** Whether the group is about to end the instance. */
  isDue(): Promise<boolean>;
  /** Tells the group that it need not wait. @returns false when it waits for nothing: not yet, or no more */
  complete(): Promise<boolean>;
}
/** The instances of the fleet, as their group knows them. */
export interface Hosts {
  /** Ids of the instances that the group counts on. */
  inService(): Promise<readonly string[]>;
  /** Ends an instance, the group launches another; one that is gone already is left at that. */
  replace(instanceId: string): Promise<void>;
  /**
   * Ends an instance and lowers the desired capacity by one; one that is gone already is left at that, and so is a group at its minimum.
   */
  end(instanceId: string): Promise<void>;
}
/** Depth of a queue, approximate. */
export interface QueueDepth {
  read(): Promise<{ readonly visible: number; readonly inFlight: number }>;
}
/** A queue that can be emptied. */
export interface PurgeableQueue extends QueueDepth {
  /**
   * Deletes all messages, those in flight too. It takes up to a minute on AWS, and once a minute is allowed.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
   */
  purge(): Promise<void>;
}
