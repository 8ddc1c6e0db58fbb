import { PROCESSING_OPTION_METADATA, PROCESSING_OPTIONS, type MediaType } from "../contracts/media-types";
import { FORMATS, type Format } from "./formats";

/** What a decision is made from. */
export interface UploadFacts {
  readonly key: string;
  /** As S3 has it, parameters included. @default none was given */
  readonly contentType?: string;
  /** User metadata, names in small letters. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The first SIGNATURE_BYTES, or all that there are. */
  readonly firstBytes: Uint8Array;
}

export interface Verdict {
  readonly type?: MediaType;
  readonly format?: string;
  readonly processingOption?: string;
  /** Why nothing can be done with it. */
  readonly problem?: string;
}

/**
 * What an upload is and what is to be done with it (requirements S4.4 and S4.8). Bytes are believed before names, for they are what will be
 * processed: a format that has a signature is never taken for granted by its name alone.
 *
 * | first bytes                        | extension                     | content type                  | it is          |
 * | ---------------------------------- | ----------------------------- | ----------------------------- | -------------- |
 * | a signature of one format          | any                           | any                           | that format    |
 * | a signature that formats share     | of one of them                | any                           | that format    |
 * | a signature that formats share     | of none of them               | of one of them                | that format    |
 * | no signature                       | of a format without signature | any                           | that format    |
 * | no signature                       | any other                     | of a format without signature | that format    |
 * | anything else                      |                               |                               | not recognised |
 */
export function classify(facts: UploadFacts): Verdict {
  const format = formatOf(facts);
  if (format === undefined) {
    return {
      problem: `neither its first bytes nor its extension nor its content type '${facts.contentType ?? ""}' are those of a format that is known`,
    };
  }
  const { name, type } = format;
  const options: readonly string[] = PROCESSING_OPTIONS[type];
  const [byDefault] = PROCESSING_OPTIONS[type];
  const given = facts.metadata[PROCESSING_OPTION_METADATA] ?? byDefault;
  if (options.includes(given)) return { type, format: name, processingOption: given };
  return { type, format: name, problem: `processingOption is '${given}'; for type ${type} it may be ${options.join(", ")}` };
}

function formatOf({ key, contentType = "", firstBytes }: UploadFacts): Format | undefined {
  const signed = FORMATS.filter(({ signature }) => signature?.(firstBytes) === true);
  const own = signed.find(({ isSignatureShared = false }) => !isSignatureShared);
  if (own !== undefined) return own;
  const named = signed.length > 0 ? signed : FORMATS.filter(({ signature }) => signature === undefined);
  const extension = extensionOf(key);
  const bare = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  return named.find(({ extensions }) => extensions.includes(extension)) ?? named.find(({ contentTypes }) => contentTypes.includes(bare));
}

/** Small letters, without the dot; empty without one. */
const extensionOf = (key: string): string => /\.([^./]+)$/.exec(key)?.[1]?.toLowerCase() ?? "";
