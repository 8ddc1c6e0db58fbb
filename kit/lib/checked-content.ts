import { createHash } from "node:crypto";
import { LocalFileChangedError, type ExpectedContent } from "../ports/object-store";

/**
 * Passes a file's bytes on and holds them against what they must be: at the first byte too many, and at the end, before whoever reads
 * them learns that it is the end.
 *
 * @param path names the file in the error
 * @throws LocalFileChangedError
 */
export async function* checkedContent(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  expected: ExpectedContent,
): AsyncGenerator<Uint8Array, void> {
  const hash = expected.sha256 === undefined ? undefined : createHash("sha256");
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > expected.size) throw new LocalFileChangedError(path, expected, size);
    hash?.update(piece);
    yield piece;
  }
  if (size !== expected.size || hash?.digest("hex") !== expected.sha256) throw new LocalFileChangedError(path, expected, size);
}
