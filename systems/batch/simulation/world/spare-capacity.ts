import type { CapacityPool } from "../../../../kit/scaling/definition";
import type { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { HOUR, MINUTE } from "../../../../kit/simulator/kernel/times";

/** Pools without capacity for a while: those that have all of these parts. */
interface Shortage {
  readonly of: Partial<CapacityPool>;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What of a pool its neighbours share when it has no capacity: it is alone, its zone is, or there are no spot instances anywhere. */
const SCOPES: readonly ((pool: CapacityPool) => Partial<CapacityPool>)[] = [
  (pool) => pool,
  ({ market, zone }) => ({ market, zone }),
  ({ instanceType, market }) => ({ instanceType, market }),
  ({ market }) => ({ market }),
];

/** Minutes to hours: what EC2 lacks. A whole zone is back sooner than one type of instance. */
const SHORTEST_MILLISECONDS = MINUTE;
const LONGEST_MILLISECONDS = 4 * HOUR;

/** Which of EC2's pools have no instance to give, and for how long. */
export class SpareCapacity {
  private shortages: readonly Shortage[] = [];

  public constructor(private readonly faults: FaultPlan) {}

  /** Asked at each launch. */
  public refuses(pool: CapacityPool, now: number): boolean {
    if (this.faults.haveCeased) return false;
    this.shortages = this.shortages.filter(({ until }) => until > now);
    if (this.shortages.some(({ of }) => fits(of, pool))) return true;
    if (!this.faults.strikes("capacity-refused")) return false;
    const scope = SCOPES[this.faults.draw(0, SCOPES.length - 1)];
    this.add(scope?.(pool) ?? pool, now);
    return true;
  }

  /** Nothing can be launched in a zone for a while. */
  public loseZone(zone: string, now: number): void {
    this.add({ zone }, now);
  }

  private add(of: Partial<CapacityPool>, now: number): void {
    const until = now + this.faults.drawLogUniform(SHORTEST_MILLISECONDS, LONGEST_MILLISECONDS);
    this.shortages = [...this.shortages, { of, until }];
  }
}

const fits = ({ instanceType, market, zone }: Partial<CapacityPool>, pool: CapacityPool): boolean =>
  (instanceType ?? pool.instanceType) === pool.instanceType && (market ?? pool.market) === pool.market && (zone ?? pool.zone) === pool.zone;
