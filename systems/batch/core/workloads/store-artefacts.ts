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

/** A file of this machine, or what was made in memory. */
export type ArtefactSource = { readonly name: string; readonly path: string } | { readonly name: string; readonly content: Uint8Array };

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
export async function storeArtefacts(ports: ArtefactPorts, files: readonly ArtefactSource[]): Promise<Artefact[]> {
  const stored: Artefact[] = [];
  for (const file of files) {
    const { bytes, sha256 } = await contentOf(file);
    const key = artefactKey(sha256);
    if (!(await isFresh(ports, key))) {
      if ("path" in file) await ports.objects.putFile(ports.stateBucket, key, file.path, { content: { size: bytes, sha256 } });
      else await ports.objects.put(ports.stateBucket, key, file.content);
    }
    stored.push({ name: file.name, key, sha256, bytes });
  }
  return stored;
}

async function contentOf(file: ArtefactSource): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  if ("content" in file) return { bytes: file.content.length, sha256: hash.update(file.content).digest("hex") };
  await pipeline(createReadStream(file.path), hash);
  return { bytes: (await stat(file.path)).size, sha256: hash.digest("hex") };
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
