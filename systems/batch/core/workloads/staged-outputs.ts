import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { StagedOutput } from "../../contracts/files";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { LocalOutput } from "../../../../workloads/workload";

/** Puts a file's outputs below the claim that made them: nothing points to them before the commit. */
export async function stageOutputs(
  store: ObjectStore,
  stateBucket: string,
  outputs: readonly LocalOutput[],
  keyOf: (name: string) => string,
): Promise<StagedOutput[]> {
  const staged: StagedOutput[] = [];
  for (const { name, path } of outputs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const content = await contentOf(path);
    await store.putFile(stateBucket, keyOf(name), path, { content: { size: content.bytes, sha256: content.sha256 } });
    staged.push({ name, ...content });
  }
  return staged;
}

async function contentOf(file: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  await pipeline(
    createReadStream(file),
    async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        bytes += piece.length;
        yield piece;
      }
    },
    hash,
  );
  return { bytes, sha256: hash.digest("hex") };
}
