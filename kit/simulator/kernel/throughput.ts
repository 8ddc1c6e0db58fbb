import type { Row } from "../../ports/row-store";
import type { FaultPlan } from "./faults";
import type { VirtualTime } from "./virtual-time";

/** A write was refused for want of capacity: as the SDK sees it, a reason to try again. */
export class ThrottledWriteError extends Error {
  public override readonly name = "ThrottledWriteError";
}

/** What a table takes in a second, in write units. */
export interface WriteLimits {
  readonly partition: number;
  readonly table: number;
}

/** 1 KB in DynamoDB; rows of a simulated world are as much smaller as all its sizes. */
const BYTES_PER_UNIT = 128;
/** A table that is asked for more than it takes gets faster: twice as fast after half an hour. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
const DOUBLING_MILLISECONDS = 30 * 60_000;

/** What a write of this row costs. */
export const writeUnits = (row: Row | undefined): number => 1 + Math.floor(JSON.stringify(row ?? {}).length / BYTES_PER_UNIT);

/** Write capacity of one table and of each of its partition keys, while a world limits it. */
export class Throughput {
  private readonly used = new Map<string, { readonly second: number; readonly units: number }>();

  public constructor(
    private readonly world: { readonly time: VirtualTime; readonly faults: FaultPlan },
    /** undefined: it takes all. */
    private readonly limits: WriteLimits | undefined,
  ) {}

  /** @throws ThrottledWriteError when this second's capacity is used up */
  public write(pk: string, row: Row | undefined): void {
    const { faults, time } = this.world;
    if (this.limits === undefined) return;
    const units = writeUnits(row);
    const grown = 2 ** Math.floor(time.monotonic() / DOUBLING_MILLISECONDS);
    // a row that is larger than a second's capacity is taken when nothing else was
    const takes = (name: string, limit: number): boolean => this.usedOf(name) === 0 || this.usedOf(name) + units <= limit;
    if (!takes(`partition ${pk}`, this.limits.partition) || !takes("table", this.limits.table * grown)) {
      faults.happened("write-capacity-used-up");
      throw new ThrottledWriteError(`the capacity of ${pk} is used up`);
    }
    for (const name of [`partition ${pk}`, "table"]) this.used.set(name, { second: this.second, units: this.usedOf(name) + units });
  }

  private get second(): number {
    return Math.floor(this.world.time.now() / 1_000);
  }

  private usedOf(name: string): number {
    const used = this.used.get(name);
    return used?.second === this.second ? used.units : 0;
  }
}
