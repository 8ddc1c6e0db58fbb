import { z } from "zod";
import { generationRefSchema } from "../../contracts/batch";
import { partialPointerSchema, type SealedLine } from "../../contracts/ledger-rows";
import type { BatchFile } from "../stored-batch/batch-files";

/** A partial that counts, with the chunk and the generation that it belongs to. */
export const countedPartialSchema = z.object({
  ref: generationRefSchema,
  index: z.int().min(0),
  pointer: partialPointerSchema,
  /** Number of the file, cut into ranges, that it is all about; its partials follow one another. */
  cutFile: z.int().min(0).optional(),
});
export type CountedPartial = z.output<typeof countedPartialSchema>;

/** @param fresh the file's chunks that no file before it was in (`CountedChunks`) */
export function countedPartialsOf(batchId: string, { file, generation, parts }: BatchFile, fresh: readonly SealedLine[]): CountedPartial[] {
  const cut = parts.length > 1 ? { cutFile: file.file } : {};
  return fresh.flatMap(({ index, partials }) => partials.map((pointer) => ({ ref: { batchId, generation }, index, pointer, ...cut })));
}
