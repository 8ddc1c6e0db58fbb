import { z } from "zod";

/** A byte range of a file too big for one slot: `[start, end)`, the `index`th of `count` ranges. */
export const byteRangeSchema = z.object({
  start: z.int().min(0),
  end: z.int().min(1),
  index: z.int().min(0),
  count: z.int().min(2),
});

export type ByteRange = z.output<typeof byteRangeSchema>;
