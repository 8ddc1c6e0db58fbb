import { InvalidArgumentError } from "commander";
import { distance } from "fastest-levenshtein";
import { requestedEncodingSchema } from "../../../workloads/text/encoding-schemas";
import { encodingNamed, type RequestedEncoding } from "../../../workloads/text/text-encodings";

const NAMED = 3;

/** Reads the name of an encoding; one that is none ends the command with exit code 2 and the names that are like it. */
export function encodingArgument(name: string): RequestedEncoding {
  const encoding = encodingNamed(name);
  if (encoding !== undefined) return encoding;
  throw new InvalidArgumentError(`names like it are ${nearest(name).join(", ")}; docs/word-count.md has them all.`);
}

const nearest = (name: string): string[] =>
  requestedEncodingSchema.options
    .map((known) => ({ known, difference: distance(name.toLowerCase(), known) }))
    .sort((a, b) => a.difference - b.difference)
    .slice(0, NAMED)
    .map(({ known }) => known);
