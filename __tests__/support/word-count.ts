import type { FileIdentity } from "../../kit/ports/object-identity";
import type { FileItem } from "../../systems/batch/ports/result-store";
import { ArtefactCache } from "../../systems/batch/core/workloads/artefact-cache";
import { Sessions } from "../../systems/batch/core/workloads/sessions";
import type { SessionsPlace } from "../../systems/batch/core/workloads/with-sessions";
import { BoundWorkload } from "../../workloads/bound-workload";
import type { WordCountOptions } from "../../workloads/word-count/options";
import { fileWordsSchema, type FileWords } from "../../workloads/word-count/results";
import { wordTotalSchema, type WordTotal } from "../../workloads/word-count/workload";

/** The word count, with its defaults where nothing is said. */
export const wordCountOf = (options: Partial<WordCountOptions> = {}): BoundWorkload => BoundWorkload.of("word-count", options);

/** The words in a file's result. @throws when it is none of a word count, or holds anything else */
export const resultWords = (result: unknown): FileWords => fileWordsSchema.strict().parse(result);

/** The words in a batch's result. @throws when it is none of a word count, or holds anything else */
export const totalWords = (result: unknown): WordTotal => wordTotalSchema.strict().parse(result);

/** The words in a file's item of the table. */
export const itemWords = ({ attributes, workload }: Pick<FileItem, "attributes" | "workload">): FileWords =>
  resultWords(BoundWorkload.resultOfItem(workload, attributes));

/** What a processed file's result says of these words, in UTF-8; a test states only what it is about. */
export const fileWords = (words: Partial<FileWords> = {}): FileWords => ({
  encoding: "utf-8",
  textBytes: 0,
  invalidBytes: 0,
  totalWords: 0,
  distinctWords: 0,
  overlongWords: 0,
  words: [],
  ...words,
});

/** What is stored of a file whose words were counted. */
export const wordItem = (
  identity: FileIdentity,
  words: FileWords,
  { optionsHash = wordCountOf().hash, ...rest }: Partial<Pick<FileItem, "optionsHash" | "batchId">> = {},
): FileItem => ({ ...identity, workload: "word-count", attributes: wordCountOf().toAttributes(words), optionsHash, ...rest });

/** What a result says of a file that was not processed. */
export const NOTHING_MADE = { result: null, outputs: [] };

/** Sessions for work on splits; a word count's hold nothing that a test had to end. */
export const sessionsIn = ({ directory, stateBucket, store }: SessionsPlace): Sessions =>
  new Sessions(new ArtefactCache(store, stateBucket, directory), directory);

/** What a batch's result says of these words; a test states only what it is about. */
export const wordTotal = (words: Partial<WordTotal> = {}): WordTotal => ({
  invalidBytes: 0,
  doubtfulFiles: 0,
  totalWords: 0,
  distinctWords: 0,
  overlongWords: 0,
  words: [],
  ...words,
});
