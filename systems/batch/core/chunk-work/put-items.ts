import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import type { FileItem, ResultStore } from "../../ports/result-store";
import type { InPlace } from "./in-place";

/** A partition key takes 1,000 writes a second and a new table 4,000; 32 puts of about 10 ms under way are 3,200 a second. */
const PUTS_AT_A_TIME = 32;

/** Puts the items of a commit group. Each is tried again by itself: a throttled table must not be asked for those it has taken. */
export const putItems = (results: ResultStore, inPlace: InPlace, items: readonly FileItem[]): Promise<void> =>
  forEachConcurrently(items, PUTS_AT_A_TIME, async (item) => {
    await inPlace.call("an item", () => results.put([item]));
  });
