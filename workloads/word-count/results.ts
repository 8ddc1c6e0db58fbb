import { z } from "zod";
import { textEncodingSchema } from "../text/encoding-schemas";

export const wordCountSchema = z.object({ word: z.string(), count: z.int().min(1) });

export type WordCount = z.output<typeof wordCountSchema>;

/** How the bytes of a processed file, or of a range of one, were read as text. Of ranges the numbers add up. */
export const textFactsSchema = z.object({
  encoding: textEncodingSchema,
  /** Bytes of the text: those of a gzip file as unpacked. */
  textBytes: z.int().min(0),
  /** Bytes of them that are part of no character in this encoding. */
  invalidBytes: z.int().min(0),
});

export type TextFacts = z.output<typeof textFactsSchema>;

/** What was counted of a processed file, or of a range of one. */
export const fileWordsSchema = z.object({
  ...textFactsSchema.shape,
  totalWords: z.int().min(0),
  distinctWords: z.int().min(0),
  overlongWords: z.int().min(0),
  /** The most frequent words, best first. */
  words: z.array(wordCountSchema),
});

export type FileWords = z.output<typeof fileWordsSchema>;

/** What was counted, and nothing else of it, in the schema's order. */
export const fileWordsOf = ({
  encoding,
  textBytes,
  invalidBytes,
  totalWords,
  distinctWords,
  overlongWords,
  words,
}: ReadonlyFileWords): FileWords => ({ encoding, textBytes, invalidBytes, totalWords, distinctWords, overlongWords, words: [...words] });

export type ReadonlyFileWords = Omit<FileWords, "words"> & { readonly words: readonly WordCount[] };

/** A file is doubtful when more than this share of its text's bytes is invalid: it is likely to be in another encoding, or damaged. */
export const DOUBTFUL_PERCENT = 1;

export const isDoubtful = ({ invalidBytes, textBytes }: Pick<TextFacts, "invalidBytes" | "textBytes">): boolean =>
  invalidBytes * 100 > textBytes * DOUBTFUL_PERCENT;
