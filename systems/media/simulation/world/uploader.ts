import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";
import { mediaObjects, type MediaObject } from "../media-objects";
import type { MediaWorld } from "./media-world";

/** Objects of a world; many are uploaded more than once. */
const MOST_OBJECTS = 12;
/** Uploads of a key that is there already: a version more. */
const OVERWRITTEN_SHARE = 0.3;
/** Uploads whose last part never comes: S3 says nothing of them. */
const ABANDONED_SHARE = 0.05;

/** Plans uploads, in one part or several: S3 tells of each that is complete. */
export function uploadFiles(world: MediaWorld): void {
  const random = world.random.fork();
  const { time } = world;
  // a folder that is copied comes at once
  const withinSeconds = random.pick([2, 600]);
  let versions = 0;
  // which of them nobody knows is drawn by its number: start anywhere among a hundred
  const objects = mediaObjects(100, random.fork());
  const first = random.int(0, objects.length - MOST_OBJECTS);
  for (const object of objects.slice(first, first + random.int(1, MOST_OBJECTS))) {
    if (world.options.isCalm === true && object.expected.route === "unknown") continue;
    const times = [random.int(0, withinSeconds * SECOND)];
    while (random.chance(OVERWRITTEN_SHARE)) times.push(random.int(0, 10 * MINUTE));
    for (const at of times) {
      if (random.chance(ABANDONED_SHARE)) continue;
      versions += 1;
      const versionId = `v${versions}`;
      time.after(at, () => {
        upload(world, object, versionId);
      });
    }
  }
}

/** Uploads a version, and has S3 say so. */
export function upload(world: MediaWorld, object: MediaObject, versionId: string): void {
  world.facts.uploads.set(versionId, { versionId, object });
  world.trace.add("somebody", "uploads", { key: object.key, versionId });
  world.events.emit({
    source: "aws.s3",
    "detail-type": "Object Created",
    time: new Date(world.time.now()).toISOString(),
    detail: {
      bucket: { name: world.deployed.inputBucket },
      object: { key: object.key, size: object.bytes.length, etag: `etag-${versionId}`, "version-id": versionId },
    },
  });
}
