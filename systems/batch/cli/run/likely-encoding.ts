import chardet from "chardet";
import { requestedEncodingSchema } from "../../../../workloads/text/encoding-schemas";
import { encodingNamed, type TextEncoding } from "../../../../workloads/text/text-encodings";

/** Below this the detector guesses: of what it has no model for, it gives something a tenth. */
const LEAST_CONFIDENCE = 20;

/**
 * What a text's first bytes look like, as a hint.
 *
 * @param readAs what the text was read in: it is doubtful as that, so it is no hint
 * @returns undefined when nothing fits that can be asked for with `--encoding`
 */
export function likelyEncoding(firstBytes: Uint8Array, readAs: TextEncoding): TextEncoding | undefined {
  const [best] = chardet.analyse(firstBytes);
  if (best === undefined || best.confidence < LEAST_CONFIDENCE) return undefined;
  const named = encodingNamed(best.name);
  // who says ISO-8859-1 means what Windows made of it: https://encoding.spec.whatwg.org/#names-and-labels
  const found = named === "iso-8859-1" ? "windows-1252" : named;
  return found === undefined || found === requestedEncodingSchema.enum.auto || found === readAs ? undefined : found;
}
