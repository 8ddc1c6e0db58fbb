import type { Json } from "../results/json-result";
import { resultProblem } from "../results/json-result";

/**
 * What a program printed as its file's result: the JSON that it is, or else the text without the line ends at its end, as `$(...)` has
 * it. JSON that nests too deep for a result, or has numbers that are none here (1e999), is text. Bytes that are no UTF-8 become U+FFFD.
 */
export function printedResult(printed: Uint8Array): Json {
  const text = new TextDecoder("utf-8").decode(printed);
  const json = asJson(text);
  return json === undefined ? text.replace(/[\r\n]+$/, "") : json;
}

function asJson(text: string): Json | undefined {
  const numbers: number[] = [];
  let value: Json;
  try {
    value = JSON.parse(text, (_key, inner: Json) => {
      if (typeof inner === "number" && !Number.isFinite(inner)) numbers.push(inner);
      return inner;
    }) as Json;
  } catch (error) {
    // no JSON, or nested beyond what the parser can do
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
  return numbers.length === 0 && resultProblem(value) === undefined ? value : undefined;
}
