/** More of one file is a folder that belongs into an archive: each is stored by a call of its own, and is a line of its file's result. */
export const MAXIMUM_OUTPUTS = 1_000;
/** A key of S3 has 1,024 bytes, which the batch's and the file's names share. */
export const MAXIMUM_OUTPUT_NAME_BYTES = 255;

/** @returns why it is no name of an output, undefined when it is one */
export function outputNameProblem(name: string): string | undefined {
  if (Buffer.byteLength(name) > MAXIMUM_OUTPUT_NAME_BYTES) return `its name has more than ${MAXIMUM_OUTPUT_NAME_BYTES} bytes`;
  if (/\p{Cc}/u.test(name)) return "its name has control characters";
  if (/\p{Cs}/u.test(name)) return "its name is no valid Unicode";
  return name.split("/").some((part) => ["", ".", ".."].includes(part)) ? "its name has an empty part, '.' or '..'" : undefined;
}
