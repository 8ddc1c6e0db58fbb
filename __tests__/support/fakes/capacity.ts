import type { Capacity, Hosts, QueueDepth, Retirement, Termination } from "../../../kit/ports/capacity";

/** An Auto Scaling group that takes any capacity up to its maximum. */
export class FakeCapacity implements Capacity {
  /** Every capacity it was set to. */
  public readonly set: number[] = [];

  public constructor(
    public desired: number,
    public maximum: number,
  ) {}

  public read(): Promise<{ desired: number; maximum: number }> {
    return Promise.resolve({ desired: this.desired, maximum: this.maximum });
  }
  public setDesired(capacity: number): Promise<void> {
    if (capacity > this.maximum) return Promise.reject(new Error(`ValidationError: ${capacity} is above the maximum ${this.maximum}`));
    this.set.push(capacity);
    this.desired = capacity;
    return Promise.resolve();
  }
}

/** A depth that stays as it is given. */
export const fixedDepth = (visible: number, inFlight: number): QueueDepth => ({
  read: () => Promise.resolve({ visible, inFlight }),
});

/** Answers `retire` and `replace` with `accepts` and counts the calls. */
export class FakeRetirement implements Retirement {
  public calls = 0;
  public replacements = 0;
  public constructor(public accepts = true) {}
  public retire(): Promise<boolean> {
    this.calls += 1;
    return Promise.resolve(this.accepts);
  }
  public replace(): Promise<boolean> {
    this.replacements += 1;
    return Promise.resolve(this.accepts);
  }
}

/** Waits for a worker's word once `due`; answers `complete` with `answers` in turn, then with true, and counts the calls. */
export class FakeTermination implements Termination {
  public due = false;
  public completions = 0;
  public constructor(private readonly answers: readonly (boolean | Error)[] = []) {}
  public isDue(): Promise<boolean> {
    return Promise.resolve(this.due);
  }
  public complete(): Promise<boolean> {
    const answer = this.answers[this.completions] ?? true;
    this.completions += 1;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }
}

/** Hosts that are in service, and those that were replaced. */
export class FakeHosts implements Hosts {
  public readonly replaced: string[] = [];
  /** Those that were ended for good. */
  public readonly ended: string[] = [];
  public constructor(public readonly ids: string[]) {}
  public inService(): Promise<string[]> {
    return Promise.resolve([...this.ids]);
  }
  public end(instanceId: string): Promise<void> {
    this.ended.push(instanceId);
    this.ids.splice(this.ids.indexOf(instanceId), 1);
    return Promise.resolve();
  }
  public replace(instanceId: string): Promise<void> {
    this.replaced.push(instanceId);
    this.ids.splice(this.ids.indexOf(instanceId), 1);
    return Promise.resolve();
  }
}
