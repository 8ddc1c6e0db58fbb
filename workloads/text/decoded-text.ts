import iconv from "iconv-lite";
import { contentKind, PROBE_BYTES } from "./content-kind";
import type { TextEncoding } from "./text-encodings";

/** What was to be read as text is none. */
export class NoTextError extends Error {
  public override readonly name = "NoTextError";
  public constructor(public readonly reason: "not-text" | "compressed") {
    super(reason === "not-text" ? "the content is no text" : "the content is compressed in a way that is not unpacked");
  }
}

/**
 * The characters of a text, in pieces as they come. Without `encoding` it is judged by its first 8 KiB: by a byte order mark, which is left
 * out, and UTF-8 without one. What is part of no character is U+FFFD.
 *
 * @throws NoTextError
 */
export async function* decodedText(bytes: AsyncIterable<Uint8Array>, encoding?: TextEncoding): AsyncGenerator<string, void> {
  let decode = encoding === undefined ? undefined : decoderOf(encoding);
  let head: Uint8Array[] = [];
  let headBytes = 0;
  for await (const chunk of bytes) {
    if (decode === undefined) {
      head.push(chunk);
      headBytes += chunk.length;
      if (headBytes < PROBE_BYTES) continue;
      decode = decoderOf(judged(head));
      yield decode(Buffer.concat(head));
      head = [];
    } else yield decode(chunk);
  }
  decode ??= decoderOf(judged(head));
  yield decode(Buffer.concat(head)) + decode();
}

function judged(head: readonly Uint8Array[]): TextEncoding {
  const content = contentKind(Buffer.concat(head), "auto");
  if (content.kind === "text") return content.encoding;
  throw new NoTextError(content.kind === "not-text" ? "not-text" : "compressed");
}

/** @returns decodes piece by piece; called without one, what was left of the last */
function decoderOf(encoding: TextEncoding): (chunk?: Uint8Array) => string {
  if (encoding === "utf-8" || encoding === "utf-16le" || encoding === "utf-16be") {
    const decoder = new TextDecoder(encoding);
    return (chunk) => decoder.decode(chunk, { stream: chunk !== undefined });
  }
  const decoder = iconv.getDecoder(encoding);
  return (chunk) => (chunk === undefined ? decoder.end() : decoder.write(Buffer.from(chunk))) ?? "";
}

/**
 * Lines of a text without their ends (a line feed, or carriage return and line feed). A last one without an end counts, an empty one after
 * the last end does not.
 *
 * @param maximumCharacters of longer lines only as many come, which bounds memory. @default all
 */
export async function* linesOf(text: AsyncIterable<string>, maximumCharacters = Number.POSITIVE_INFINITY): AsyncGenerator<string, void> {
  let rest = "";
  for await (const piece of text) {
    let from = 0;
    for (let end = piece.indexOf("\n"); end >= 0; end = piece.indexOf("\n", from)) {
      yield ended(rest + piece.slice(from, Math.min(end, from + maximumCharacters)), maximumCharacters);
      rest = "";
      from = end + 1;
    }
    if (rest.length < maximumCharacters) rest += piece.slice(from, from + maximumCharacters);
  }
  if (rest !== "") yield rest.slice(0, maximumCharacters);
}

const ended = (line: string, maximumCharacters: number): string =>
  (line.endsWith("\r") ? line.slice(0, -1) : line).slice(0, maximumCharacters);
