import type { MemoryObjectStore } from "../../kit/simulator/memory/memory-object-store";
import { until } from "./until";

export interface HeldFiles {
  /** Reads that have begun. */
  readonly count: number;
  /** Reads that were under way at once, at most. */
  readonly most: number;
  release(): void;
}

/** Lets no read of a bucket come to its end before `release`. */
export function holdFiles(store: MemoryObjectStore, held: string): HeldFiles {
  const get = store.get.bind(store);
  let isReleased = false;
  let count = 0;
  let active = 0;
  let most = 0;
  jest.spyOn(store, "get").mockImplementation(async (bucket, key, options) => {
    if (bucket === held) {
      count += 1;
      active += 1;
      most = Math.max(most, active);
      await until(() => isReleased);
      active -= 1;
    }
    return get(bucket, key, options);
  });
  return {
    get count() {
      return count;
    },
    get most() {
      return most;
    },
    release: () => {
      isReleased = true;
    },
  };
}
