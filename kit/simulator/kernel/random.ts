import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

const RESOLUTION = 0x3fffffff;
/** The first draws of xoroshiro128+ from neighbouring seeds are alike: seed 1 to 1,000 all begin with nearly 0 or nearly 1. */
const DISCARDED_DRAWS = 8;

/** Takes neighbouring seeds far apart: the finaliser of MurmurHash3, by Austin Appleby, public domain. */
function scattered(seed: number): number {
  let hash = seed | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

/** Pseudo-random choices that follow from a seed alone. */
export class Random {
  private readonly generator: RandomGenerator;

  public constructor(seed: number) {
    this.generator = xoroshiro128plus(scattered(seed));
    for (let draw = 0; draw < DISCARDED_DRAWS; draw += 1) this.int(0, 1);
  }

  /** A whole number from `minimum` to `maximum`, both included. */
  public int(minimum: number, maximum: number): number {
    return uniformInt(this.generator, minimum, maximum);
  }

  /** From 0 (included) to 1 (excluded). */
  public fraction(): number {
    return uniformInt(this.generator, 0, RESOLUTION - 1) / RESOLUTION;
  }

  public chance(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  /** Between the two, small values as likely as large ones: for rates and times that span orders of magnitude. */
  public logUniform(minimum: number, maximum: number): number {
    return minimum * Math.pow(maximum / minimum, this.fraction());
  }

  /** @throws RangeError for an empty list */
  public pick<T>(list: readonly T[]): T {
    const picked = list[this.int(0, Math.max(0, list.length - 1))];
    if (picked === undefined) throw new RangeError("there is nothing to pick from an empty list");
    return picked;
  }

  /** A generator of its own, so that what one part draws does not change what another draws. */
  public fork(): Random {
    return new Random(this.int(-0x80000000, 0x7fffffff));
  }
}
