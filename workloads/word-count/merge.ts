import type { WordCount } from "./results";
import type { SpillingCounter } from "./counter/spilling-counter";

/** The words of a split with their counts; its owner disposes of it. `SpillingCounter` is one. */
export interface CountedWords {
  /** Each word once, ascending by code points. */
  entries(): AsyncIterable<WordCount>;
  /** Adds all counts to a counter. */
  addTo(counter: SpillingCounter): Promise<void>;
  /** Frees memory and temporary files. */
  dispose(): Promise<void>;
}

/** Adds a split's words to a group's counter and disposes of them, also when that fails. */
export async function mergeInto(counter: SpillingCounter, counts: CountedWords): Promise<void> {
  try {
    await counts.addTo(counter);
  } finally {
    await counts.dispose();
  }
}

/** A line of a partial is not what `countLine` writes. */
export class BadCountLineError extends Error {
  public override readonly name = "BadCountLineError";
  public readonly fix = "`npx filemill verify BATCH` says what of the batch is damaged; submit its files again in another one";
  public constructor(line: string, options?: ErrorOptions) {
    super(
      `count line ${JSON.stringify(line.slice(0, 100))} is not ["word",count] with a whole count from 1; the partial is damaged`,
      options,
    );
  }
}

/** One word of a partial's counts section: `["word",count]`, without line end. JSON escapes whatever a line can't hold. */
export const countLine = ({ word, count }: WordCount): string => `[${JSON.stringify(word)},${count}]`;

/** Words of one text block: enough that a block costs little more than its bytes, small enough not to matter. */
const LINES_PER_BLOCK = 1_000;

/** The counts section of a partial as blocks of text, each of whole lines, every line ended by a line feed. */
export async function* countLines(entries: AsyncIterable<WordCount>): AsyncGenerator<string, void> {
  let lines: string[] = [];
  for await (const entry of entries) {
    lines.push(countLine(entry), "\n");
    if (lines.length < 2 * LINES_PER_BLOCK) continue;
    yield lines.join("");
    lines = [];
  }
  if (lines.length > 0) yield lines.join("");
}

/** @throws BadCountLineError */
export function parseCountLine(line: string): WordCount {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw new BadCountLineError(line, { cause: error });
  }
  if (!Array.isArray(parsed) || parsed.length !== 2) throw new BadCountLineError(line);
  const [word, count] = parsed as unknown[];
  // by hand and not by schema: this runs for every distinct word of every partial
  if (typeof word !== "string" || typeof count !== "number" || !Number.isSafeInteger(count) || count < 1) throw new BadCountLineError(line);
  return { word, count };
}

/** A line is a word of at most 1,024 code points, escaped at worst as 12 characters each, and a number: longer ones are damaged. */
const LONGEST_LINE = 16_384;

/**
 * Reads a counts section; the bytes may come in any chunks.
 *
 * @throws BadCountLineError, also when the last line lacks its line feed: the section was cut
 */
export async function* readCounts(section: AsyncIterable<Uint8Array>): AsyncGenerator<WordCount, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new BadCountLineError(rest, { cause: error });
    }
  };
  for await (const chunk of section) {
    const lines = (rest + decode(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield parseCountLine(line);
    if (rest.length > LONGEST_LINE) throw new BadCountLineError(rest);
  }
  rest += decode();
  if (rest !== "") throw new BadCountLineError(rest);
}
