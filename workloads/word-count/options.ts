import { z } from "zod";
import { MAXIMUM_WORD_CODE_POINTS } from "./word-length";
import { requestedEncodingSchema } from "../text/encoding-schemas";

/** Top lists are stored in DynamoDB items (400 KB at most): 100 words of 1,024 code points of 4 bytes still fit nearly. */
export const MAXIMUM_TOP = 50;

/** What the word-count workload may be asked for. */
export const wordCountOptionsSchema = z.strictObject({
  /** Words shorter than this many code points are left out; 1 counts all. @default 5 (the course's rule, requirement O.2) */
  minimumWordLength: z.int().min(1).max(MAXIMUM_WORD_CODE_POINTS).default(5),
  /** Length of the top lists. @default 10 (requirement S1.38) */
  top: z.int().min(1).max(MAXIMUM_TOP).default(10),
  /** What the files are read in. @default auto - by each file's byte order mark, UTF-8 without one */
  encoding: requestedEncodingSchema.default("auto"),
});

export type WordCountOptions = z.output<typeof wordCountOptionsSchema>;
