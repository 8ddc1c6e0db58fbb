import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { artefactKey } from "../../contracts/state-keys";
import type { Clock } from "../../../../kit/ports/clock";
import { ObjectMissingError, type ObjectStore } from "../../../../kit/ports/object-store";
import type { Artefact } from "../../../../workloads/record";

/** A file that is younger than this is not put again; one that is older is, so that it outlives the batch that needs it now. */
const FRESH_MILLISECONDS = 86_400_000;

export interface ArtefactPorts {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly stateBucket: string;
}

/**
 * Stores files that a batch brings along for its workload, each under its content's hash: what is there already is not put again.
 *
 * @throws the system's error when one can't be read
 */
export async function storeArtefacts(
  ports: ArtefactPorts,
  files: readonly { readonly name: string; readonly path: string }[],
): Promise<Artefact[]> {
  const stored: Artefact[] = [];
  for (const { name, path } of files) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    const sha256 = hash.digest("hex");
    const { size: bytes } = await stat(path);
    const key = artefactKey(sha256);
    if (!(await isFresh(ports, key))) await ports.objects.putFile(ports.stateBucket, key, path, { content: { size: bytes, sha256 } });
    stored.push({ name, key, sha256, bytes });
  }
  return stored;
}

async function isFresh({ clock, objects, stateBucket }: ArtefactPorts, key: string): Promise<boolean> {
  try {
    const { lastModified } = await objects.head(stateBucket, key);
    return clock.now() - Date.parse(lastModified) < FRESH_MILLISECONDS;
  } catch (error) {
    if (error instanceof ObjectMissingError) return false;
    throw error;
  }
}
