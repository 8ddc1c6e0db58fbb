import { isUtf8 } from "node:buffer";
import type { WordCount } from "./results";
import type { SpillingCounter } from "./counter/spilling-counter";

/** A line of a partial is not what was written there. */
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

/** @throws BadCountLineError */
function parseCountLine(line: string): WordCount {
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

/** In characters: a word of at most 1,024 code points, escaped at worst as 12 characters each, and a number. Longer lines are damaged. */
const LONGEST_LINE = 16_384;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;

/**
 * Adds a counts section of the first format, lines of `["word",count]`, to a counter; the bytes may come in any chunks. Nothing writes it
 * any more, but what was stored then is read as long as it is kept.
 *
 * @throws BadCountLineError, also when the last line lacks its line feed: the section was cut
 */
export async function addLines(counter: SpillingCounter, section: AsyncIterable<Uint8Array>): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of section) {
    const bytes = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    // whole lines are whole characters
    if (!isUtf8(bytes.subarray(0, end))) throw new BadCountLineError(bytes.toString("latin1"));
    for (let start = 0; start < end;) {
      const next = bytes.indexOf(LINE_FEED, start);
      const added = addLine(counter, bytes, start, next);
      if (added !== undefined) await added;
      start = next + 1;
    }
    rest = Buffer.from(bytes.subarray(end));
    if (rest.length > LONGEST_LINE && rest.toString().length > LONGEST_LINE) throw new BadCountLineError(rest.toString());
  }
  if (rest.length > 0) throw new BadCountLineError(rest.toString());
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A line as nearly all are needs no text: a word in which nothing is escaped goes to the counter as its bytes. */
function addLine(counter: SpillingCounter, bytes: Buffer, start: number, end: number): void | Promise<void> {
  const word = start + 2;
  let at = word;
  for (let byte = bytes[at] ?? 0; byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH; byte = bytes[at] ?? 0) at += 1;
  const digits = at + 2;
  let count = 0;
  let next = digits;
  for (let digit = (bytes[next] ?? 0) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[next] ?? 0) - ZERO) {
    count = 10 * count + digit;
    next += 1;
  }
  const isPlain =
    next === end - 1 &&
    bytes[start] === OPENING_BRACKET &&
    bytes[start + 1] === QUOTE &&
    bytes[at] === QUOTE &&
    bytes[at + 1] === COMMA &&
    bytes[next] === CLOSING_BRACKET &&
    bytes[digits] !== ZERO &&
    Number.isSafeInteger(count) &&
    count > 0;
  if (isPlain) return counter.addBytes(bytes, word, at - word, count);
  const parsed = parseCountLine(bytes.toString("utf8", start, end));
  return counter.add(parsed.word, parsed.count);
}
