import { fileWordsSchema, type FileWords } from "./results";
import { wordCount, wordTotalSchema, type WordTotal } from "./workload";

/** The total of a batch whose words were counted; undefined for every other workload. */
export const wordTotalOf = (workload: { readonly name: string }, total: unknown): WordTotal | undefined =>
  workload.name === wordCount.name ? wordTotalSchema.parse(total) : undefined;

/** The result of a file whose words were counted; undefined for every other workload. */
export const fileWordsIn = (workload: { readonly name: string }, result: unknown): FileWords | undefined =>
  workload.name === wordCount.name ? fileWordsSchema.parse(result) : undefined;
