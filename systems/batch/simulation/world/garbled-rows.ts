import { z } from "zod";
import type { Row, RowKey } from "../../../../kit/ports/row-store";
import { readChunkRow } from "../../core/ledger/stored-chunk";
import type { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import type { Random } from "../../../../kit/simulator/kernel/random";
import type { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import type { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import type { Facts, ServiceViews } from "./facts";
import { generationOf } from "./ledger-watch";
import { SECOND } from "../../../../kit/simulator/kernel/times";

export interface GarblingWorld {
  readonly rows: MemoryRowStore;
  readonly views: ServiceViews;
  readonly facts: Facts;
  readonly faults: FaultPlan;
  readonly random: Random;
  readonly time: VirtualTime;
}

/** Between two looks for a row. */
const RETRY_MILLISECONDS = 7 * SECOND;
const LATEST_MILLISECONDS = 1_800 * SECOND;

/** What a row may hold that no chunk's row can: as an older version, a repair by hand or a fault of the program leaves it. */
const GARBAGE: readonly { readonly set?: Row; readonly remove?: readonly string[] }[] = [
  { set: { slotMilliseconds: -7_200_000 } },
  { set: { outcomes: "PQ" } },
  { set: { claim: "three" } },
  { set: { partials: "none" } },
  { set: { state: "ajar" } },
  { set: { leaseUntil: 1.5 } },
  { set: { deaths: -1 } },
  { set: { version: "two" } },
  { remove: ["outcomes"] },
  { remove: ["partials", "version"] },
];

const keySchema = z.object({ pk: z.string(), sk: z.string() });

/** In some worlds something that no chunk can be is written into the row of one whose generation is not sealed. */
export function planGarbling({ faults, random, rows, facts, time, views }: GarblingWorld): void {
  if (!faults.strikes("row-garbled")) return;
  const garble = async (): Promise<void> => {
    const keys = await unsealedChunks(rows, views);
    if (keys.length > 0) {
      const key = random.pick(keys);
      const garbage = random.pick(GARBAGE);
      await rows.update(key, garbage);
      facts.garbled(`${key.pk} ${key.sk}`, { ...garbage });
    } else if (!faults.haveCeased) time.after(RETRY_MILLISECONDS, start);
  };
  const start = (): void => {
    void garble();
  };
  time.after(faults.drawLogUniform(SECOND, LATEST_MILLISECONDS), start);
}

async function unsealedChunks(rows: MemoryRowStore, views: ServiceViews): Promise<RowKey[]> {
  const found: RowKey[] = [];
  for (const row of rows.all()) {
    const key = keySchema.parse(row);
    const ref = key.sk.startsWith("CHUNK#") ? generationOf(key) : undefined;
    if (ref === undefined || readChunkRow(row).unreadable !== undefined) continue;
    if ((await views.generation(ref))?.status !== "sealed") found.push(key);
  }
  return found;
}
