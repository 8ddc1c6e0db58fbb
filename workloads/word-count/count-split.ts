import type { WordCountOptions } from "./options";
import type { TextFacts, WordCount } from "./results";
import type { ByteRange } from "../../kit/lib/byte-range";
import type { TextEncoding } from "../text/text-encodings";
import { SpillingCounter } from "./counter/spilling-counter";
import { CorruptGzipError, type Decompressor } from "../../kit/ports/decompressor";
import { countingEngine, type CountingEngine } from "./engine";
import { countText, type NoText, type TextSettings } from "./count-text";
import { DecompressionLimitError } from "../text/decompression-limit";
import type { CountedWords } from "./merge";
import { LEAST_KERNEL_BYTES } from "./simd/kernel";
import { textOfRange } from "../text/range-text";
import { unpacked } from "../text/unpacked";

/** The bytes of a whole file, or of a file from a range's start on. */
export interface SplitSource {
  /** Starts at `range.start` when there is a range, else at 0; that of a range has no end: reading stops at the range's cut. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The file's name promises gzip; what is gzip is told by its content, whatever this says. */
  readonly namedGzip: boolean;
  /** Of a file that is not packed. */
  readonly range?: ByteRange;
  /** What the planner found; needed for a range. @default found in the first 8 KiB */
  readonly encoding?: TextEncoding;
}

export interface CountDeps {
  readonly decompressor: Decompressor;
  /**
   * What counting one split may take, in bytes, beside some 200 KB of fixed size, the table of an encoding of several bytes (3 MB) and the
   * body's own buffers.
   */
  readonly memoryBytes: number;
  /** An existing folder for temporary files. */
  readonly directory: string;
  /**
   * How words of UTF-8 are found: by the kernel in WebAssembly with SIMD, or by plain TypeScript. The counts are the same.
   *
   * @default the kernel where the machine has it and `memoryBytes` are enough for it
   */
  readonly engine?: CountingEngine | undefined;
  /** A gzip file that unpacks to more bytes is quarantined. */
  readonly decompressionLimitBytes: number;
  /**
   * Called with the bytes worked through since the last call: those of a gzip file as packed and as unpacked, and again those of words
   * that went to disk and are read back, so that merging counts as progress.
   */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

export interface SplitStats extends TextFacts {
  /** Words that count: long enough and not overlong. */
  readonly totalWords: number;
  readonly distinctWords: number;
  readonly overlongWords: number;
  /** The most frequent words, best first. */
  readonly words: WordCount[];
}

export type SplitResult =
  /** `counts` is the caller's to dispose of. */
  | { readonly status: "processed"; readonly reason?: undefined; readonly stats: SplitStats; readonly counts: CountedWords }
  | { readonly status: "skipped"; readonly reason: NoText }
  | { readonly status: "quarantined"; readonly reason: "corrupt-gzip" | "decompression-limit"; readonly detail: string };

/** Of `memoryBytes`: the counter of finished words; the rest is for spellings not yet normalised (half used, half free). */
const COUNTER_SHARE = 0.75;
const SPELLINGS_SHARE = 0.08;
/** In place of the spellings: the kernel takes no more than this. */
const KERNEL_SHARE = 0.2;
/** With less, words are counted without the kernel. */
export const LEAST_MEMORY_OF_KERNEL_BYTES = LEAST_KERNEL_BYTES / KERNEL_SHARE;
/** Text is worked through in pieces, between which memory is looked after; small memory needs smaller ones. */
const MAXIMUM_PIECE_BYTES = 65_536;
const MINIMUM_PIECE_BYTES = 64;
const PIECE_SHARE = 1 / 16;
/** The kernel numbers places with 32 bits, of which its users see the sign. */
const MAXIMUM_KERNEL_BYTES = 2 ** 30;

/**
 * Counts the words of a file or of a range of one, within `memoryBytes`, whatever the text holds (docs/word-count.md).
 *
 * @throws what the body throws and what the disk throws; what is wrong with the content becomes the result's reason
 */
export async function countSplit(source: SplitSource, options: WordCountOptions, deps: CountDeps): Promise<SplitResult> {
  const { memoryBytes, directory, onProgress } = deps;
  const counter = new SpillingCounter({
    memoryBytes: Math.floor(memoryBytes * COUNTER_SHARE),
    directory,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  let keep = false;
  try {
    const counted = await countText(textOf(source, deps), counter, settingsOf(source, options, deps));
    if (typeof counted === "string") return { status: "skipped", reason: counted };
    const { counts = counter, ...facts } = counted;
    const stats = { ...facts, ...(await counts.summarise(options.top)) };
    keep = counts === counter;
    return { status: "processed", stats, counts };
  } catch (error) {
    if (error instanceof CorruptGzipError) return { status: "quarantined", reason: "corrupt-gzip", detail: error.message };
    if (error instanceof DecompressionLimitError) return { status: "quarantined", reason: "decompression-limit", detail: error.message };
    throw error;
  } finally {
    if (!keep) await counter.dispose();
  }
}

function textOf({ body, encoding, namedGzip, range }: SplitSource, deps: CountDeps): AsyncIterable<Uint8Array> {
  if (range === undefined) return unpacked({ body, namedGzip }, deps);
  if (namedGzip) throw new RangeError("a range of a gzip file can't be counted; plan the file as one split");
  if (encoding === undefined) {
    throw new RangeError(
      `range ${range.start} to ${range.end} comes without the text's encoding; probe the file's first bytes when planning`,
    );
  }
  return textOfRange(body, range, encoding, "words");
}

function settingsOf(source: SplitSource, options: WordCountOptions, deps: CountDeps): TextSettings {
  const piece = Math.floor(deps.memoryBytes * PIECE_SHARE);
  return {
    minimumWordLength: options.minimumWordLength,
    requestedEncoding: options.encoding,
    pieceBytes: Math.min(MAXIMUM_PIECE_BYTES, Math.max(MINIMUM_PIECE_BYTES, piece)),
    spellingsBytes: Math.floor(deps.memoryBytes * SPELLINGS_SHARE),
    ...kernelSettings(deps),
    ...(source.encoding === undefined ? {} : { encoding: source.encoding }),
    ...(deps.onProgress === undefined ? {} : { onProgress: deps.onProgress }),
  };
}

function kernelSettings({ engine, memoryBytes }: CountDeps): Pick<TextSettings, "kernelBytes"> {
  const kernelBytes = Math.floor(memoryBytes * KERNEL_SHARE);
  const isUsed = engine === undefined ? memoryBytes >= LEAST_MEMORY_OF_KERNEL_BYTES && countingEngine() === "simd" : engine === "simd";
  return isUsed ? { kernelBytes: Math.min(kernelBytes, MAXIMUM_KERNEL_BYTES) } : {};
}
