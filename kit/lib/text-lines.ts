/**
 * Splits a UTF-8 stream at line feeds and at nothing else: JSON leaves U+2028 and U+2029 as they are, and `readline` would split
 * there. A last line without a line feed counts; memory holds one line. Invalid UTF-8 is an error, not a replacement character.
 */
export async function* textLines(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  for await (const chunk of source) {
    const lines = (rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
