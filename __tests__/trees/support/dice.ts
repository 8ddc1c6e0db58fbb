import { seededRandom } from "../../../kit/lib/seeded-random";

/** Seeded choices. */
export class Dice {
  /** A number in [0, 1). */
  private readonly next: () => number;

  public constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  /** A whole number from 0 to `limit`, without it. */
  public below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
  public chance(probability: number): boolean {
    return this.next() < probability;
  }
  /** @throws RangeError when there is nothing to choose from */
  public pick<T>(from: readonly T[]): T {
    const index = this.below(from.length);
    if (from.length === 0) throw new RangeError("nothing to choose from");
    return from[index] as T;
  }
  public weighted<T>(from: readonly (readonly [weight: number, value: T])[]): T {
    let rest = this.next() * from.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of from) {
      rest -= weight;
      if (rest < 0) return value;
    }
    return this.pick(from)[1];
  }
  public shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, order: this.next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ value }) => value);
  }
}
