import type { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";
import type { Random } from "../../../../kit/simulator/kernel/random";
import type { Trace } from "../../../../kit/simulator/kernel/trace";
import type { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { createHash } from "node:crypto";
import type { BucketNames } from "./deployed-stack";
import type { Expectations } from "./expectations";
import { makeVersion, type FileKind } from "./sim-files";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";

export interface DisturbedWorld {
  readonly names: BucketNames;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
  readonly store: MemoryObjectStore;
  readonly expectations: Expectations;
}

export const etagOf = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

/** Makes a file that a submission brings along, and says to whoever checks what it is to be. */
export function makeFile({ expectations, random }: DisturbedWorld, key: string, kind: FileKind): Buffer {
  const { bytes, counts } = makeVersion(random, kind);
  expectations.put(key, kind, { etag: etagOf(bytes), counts });
  return bytes;
}

/** Puts a file's content, and says so to whoever checks. @returns its size in bytes */
export function putFile({ expectations, random, store, trace }: DisturbedWorld, bucket: string, key: string, kind: FileKind): number {
  const { bytes, counts } = makeVersion(random, kind);
  expectations.put(key, kind, { etag: etagOf(bytes), counts });
  store.set(bucket, key, bytes, kind === "archived" ? { storageClass: "DEEP_ARCHIVE" } : {});
  if (kind === "denied") store.denied.add(`${bucket}/${key}`);
  trace.add("owner", "file put", { key, kind, bytes: bytes.length });
  return bytes.length;
}

/** Somebody else replaces or deletes files while their batch is under way. */
export function planDisturbances(world: DisturbedWorld, files: readonly { readonly key: string; readonly kind: FileKind }[]): void {
  const { expectations, random, store, time, trace } = world;
  for (const { key, kind } of files) {
    if (!random.chance(0.07)) continue;
    const deletes = random.chance(0.4);
    time.after(random.int(1, (10 * MINUTE) / SECOND) * SECOND, () => {
      if (deletes) {
        expectations.happened(key, "missing");
        store.deleteObject(world.names.source, key);
        trace.add("owner", "file deleted", { key });
      } else if (kind !== "denied" && kind !== "archived") {
        putFile(world, world.names.source, key, kind);
        expectations.happened(key, "changed");
      }
    });
  }
}

/** What was denied, deleted or dangerous can be read again: the owner puts good files in their place. */
export function repairFiles(world: DisturbedWorld, files: readonly { readonly key: string; readonly kind: FileKind }[]): void {
  for (const { key, kind } of files) {
    if (kind === "denied") world.store.denied.delete(`${world.names.source}/${key}`);
    const missing = !world.store.has(world.names.source, key);
    if (!missing && world.random.chance(0.5)) continue;
    if (missing || kind === "broken-gzip") {
      putFile(world, world.names.source, key, kind === "broken-gzip" ? "gzip" : kind);
      world.expectations.happened(key, "changed");
    }
  }
}
