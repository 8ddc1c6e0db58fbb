import { randomBytes } from "node:crypto";
import { CreatedFile } from "../../folders/created-file";

/** Writes a file that is there whole or not at all: beside its place first, then renamed. */
export async function writeAtomically(path: string, content: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const file = await CreatedFile.create(`${path}.${randomBytes(6).toString("hex")}.partial`);
  try {
    await file.write(content);
    await file.publish(path);
  } finally {
    await file.discard();
  }
}
