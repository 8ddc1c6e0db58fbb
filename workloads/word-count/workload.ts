import { z } from "zod";
import { requestedEncodingSchema } from "../text/encoding-schemas";
import { encodingNamed } from "../text/text-encodings";
import { isNamedGzip } from "../text/content-kind";
import type { Merge, MergeContext, Session, SplitPartial, WorkContext, Worked, Workload, WorkSource } from "../workload";
import { countSplit } from "./count-split";
import { SpillingCounter } from "./counter/spilling-counter";
import { addCounts, mergeInto, type CountedWords } from "./merge";
import { wordCountOptionsSchema, type WordCountOptions } from "./options";
import { fileWordsOf, fileWordsSchema, isDoubtful, wordCountSchema, type FileWords } from "./results";
import { textEncodingSchema } from "../text/encoding-schemas";

/** What was counted in all processed files of a batch. */
export const wordTotalSchema = z.object({
  /** Of all processed files. */
  invalidBytes: z.int().min(0),
  /** Processed files whose share of invalid bytes says that their words may be wrong (`isDoubtful`). */
  doubtfulFiles: z.int().min(0),
  totalWords: z.int().min(0),
  distinctWords: z.int().min(0),
  overlongWords: z.int().min(0),
  words: z.array(wordCountSchema),
});
export type WordTotal = z.output<typeof wordTotalSchema>;

/** Names of the metadata by which an object of the upload path says how it is to be counted. */
export const WORD_COUNT_METADATA = { minimumWordLength: "minimum-word-length", top: "top", encoding: "text-encoding" } as const;

/** Counts words: how often each occurs in a file, and in all of them (docs/word-count.md). */
export const wordCount: Workload<WordCountOptions, FileWords, WordTotal> = {
  name: "word-count",
  description: "counts words: of each file, and of all files together",
  options: wordCountOptionsSchema,
  result: fileWordsSchema,
  total: wordTotalSchema,
  cut: () => "words",
  computes: true,
  encoding: ({ encoding }) => encoding,
  open: (options) => Promise.resolve(new WordCountSession(options)),
  merge: (options, context) => new WordMerge(options, context),
  item: { toAttributes, fromAttributes },
  wishes,
  isDoubtful,
  table: ({ words }) => ({ columns: ["word", "count"], rows: words.map(({ word, count }) => [word, count]) }),
};

class WordCountSession implements Session<FileWords> {
  public constructor(private readonly options: WordCountOptions) {}

  public async work({ body, encoding, key, range }: WorkSource, context: WorkContext): Promise<Worked<FileWords>> {
    const counted = await countSplit(
      {
        body,
        namedGzip: isNamedGzip(key) && range === undefined,
        ...(range === undefined ? {} : { range }),
        ...(encoding === undefined ? {} : { encoding: textEncodingSchema.parse(encoding) }),
      },
      this.options,
      context,
    );
    if (counted.status !== "processed") return counted;
    return { status: "processed", result: fileWordsOf(counted.stats), partial: counted.counts };
  }

  public dispose(): Promise<void> {
    return Promise.resolve();
  }
}

/** A partial's section is every word with its count, by ascending word (counter/section-format.ts). */
class WordMerge implements Merge<FileWords, WordTotal> {
  private readonly counter: SpillingCounter;
  private readonly sums = { invalidBytes: 0, doubtfulFiles: 0, overlongWords: 0 };

  public constructor(
    private readonly options: WordCountOptions,
    { directory, memoryBytes, onProgress }: MergeContext,
  ) {
    this.counter = new SpillingCounter({ memoryBytes, directory, onProgress });
  }

  public add(partial: SplitPartial): Promise<void> {
    return mergeInto(this.counter, partial as CountedWords);
  }

  public addSection(section: AsyncIterable<Uint8Array>): Promise<void> {
    return addCounts(this.counter, section);
  }

  public section(): AsyncIterable<Uint8Array> {
    return this.counter.section();
  }

  public async join(results: readonly FileWords[]): Promise<FileWords> {
    const [first] = results;
    if (first === undefined) throw new RangeError("a file has one range at least");
    const sumOf = (numberOf: (words: FileWords) => number): number => results.reduce((sum, words) => sum + numberOf(words), 0);
    return fileWordsOf({
      ...(await this.counter.summarise(this.options.top)),
      encoding: first.encoding,
      textBytes: sumOf(({ textBytes }) => textBytes),
      invalidBytes: sumOf(({ invalidBytes }) => invalidBytes),
      overlongWords: sumOf(({ overlongWords }) => overlongWords),
    });
  }

  public addResult(result: FileWords): void {
    this.sums.invalidBytes += result.invalidBytes;
    this.sums.overlongWords += result.overlongWords;
    if (isDoubtful(result)) this.sums.doubtfulFiles += 1;
  }

  public async total(): Promise<WordTotal> {
    const { distinctWords, totalWords, words } = await this.counter.summarise(this.options.top);
    const { doubtfulFiles, invalidBytes, overlongWords } = this.sums;
    return { invalidBytes, doubtfulFiles, totalWords, distinctWords, overlongWords, words };
  }

  public dispose(): Promise<void> {
    return this.counter.dispose();
  }
}

/** Without the defaults of the schema: where an object wishes nothing, the worker's own decide. */
const wishesSchema = z.object({
  minimumWordLength: wordCountOptionsSchema.shape.minimumWordLength.unwrap().optional(),
  top: wordCountOptionsSchema.shape.top.unwrap().optional(),
  encoding: requestedEncodingSchema.optional(),
});

/** Foreign metadata of that name must not stop a file. */
function wishes(metadata: Readonly<Record<string, string>>, defaults: WordCountOptions): WordCountOptions {
  const wished = wishesSchema.safeParse({
    minimumWordLength: numberOf(metadata[WORD_COUNT_METADATA.minimumWordLength]),
    top: numberOf(metadata[WORD_COUNT_METADATA.top]),
    encoding: encodingOf(metadata[WORD_COUNT_METADATA.encoding]),
  });
  if (!wished.success) return defaults;
  const { encoding, minimumWordLength, top } = wished.data;
  return {
    minimumWordLength: minimumWordLength ?? defaults.minimumWordLength,
    top: top ?? defaults.top,
    encoding: encoding ?? defaults.encoding,
  };
}

/** A name that is none stays what it is: the schema refuses it. */
const encodingOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : (encodingNamed(name) ?? name));
const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const attributesSchema = z.object({
  /** How its bytes were read: `TextBytes` of a gzip file are the unpacked ones, `InvalidBytes` are no text in this encoding. */
  Encoding: textEncodingSchema,
  TextBytes: z.int().min(0),
  InvalidBytes: z.int().min(0),
  Words: z.record(z.string(), z.int().min(1)),
  TotalWords: z.int().min(0),
  DistinctWords: z.int().min(0),
  OverlongWords: z.int().min(0),
});

/** The most frequent words are a map in the table (requirement S1.38). */
function toAttributes(result: FileWords): z.output<typeof attributesSchema> {
  return {
    Encoding: result.encoding,
    TextBytes: result.textBytes,
    InvalidBytes: result.invalidBytes,
    Words: Object.fromEntries(result.words.map(({ word, count }) => [word, count])),
    TotalWords: result.totalWords,
    DistinctWords: result.distinctWords,
    OverlongWords: result.overlongWords,
  };
}

function fromAttributes(attributes: Readonly<Record<string, unknown>>): FileWords {
  const item = attributesSchema.parse(attributes);
  return {
    encoding: item.Encoding,
    textBytes: item.TextBytes,
    invalidBytes: item.InvalidBytes,
    totalWords: item.TotalWords,
    distinctWords: item.DistinctWords,
    overlongWords: item.OverlongWords,
    words: Object.entries(item.Words)
      .map(([word, count]) => ({ word, count }))
      .sort(byCountThenWord),
  };
}

/** A table map has no order; a list of words has: most frequent first, then by UTF-8 bytes, which is code point order. */
const byCountThenWord = (a: { word: string; count: number }, b: { word: string; count: number }): number =>
  b.count - a.count || Buffer.compare(Buffer.from(a.word), Buffer.from(b.word));
