import { uploadEventOf } from "../../contracts/s3-event";
import { keyOf, pickHarmlessKind, pickKind, type FileKind } from "./sim-files";
import type { Random } from "../../../../kit/simulator/kernel/random";
import { putFile } from "./disturbances";
import { HOUR, SECOND, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import { FAULTS_CEASE_MILLISECONDS } from "./settings";
import type { World } from "./world";

/** A file that somebody copies into the processing bucket. */
export interface Upload {
  readonly key: string;
  readonly kind: FileKind;
  /** Milliseconds since the epoch. */
  readonly lastPutAt: number;
}

/**
 * An upload that nobody announced is found by the next reconcile that lists it, once it is old enough; while schedules are lost, too, that
 * may be when the faults have ceased only.
 */
const FOUND_WITHIN_MILLISECONDS = HOUR;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const CREATED = "s3:ObjectCreated:Put";

/** Its place is not the upload path. */
const UNSETTLED: ReadonlySet<FileKind> = new Set(["giant"]);

/**
 * Plans uploads of single files: each makes an event that S3 sends to the jobs queue, perhaps twice or never.
 *
 * @param afterSeconds none comes before
 * @param prefix of their keys
 */
export function uploadFiles(world: World, count: number, afterSeconds = 0, prefix = "upload "): Upload[] {
  const random = world.random.fork();
  // a folder that is copied comes at once: its files are received together, and a killer among them takes the others with it
  const withinSeconds = random.pick([5, 900]);
  return Array.from({ length: count }, (_, index) => {
    const drawn = world.options.isCalm === true ? pickHarmlessKind(random) : pickKind(random);
    const kind = UNSETTLED.has(drawn) ? "text" : drawn;
    const key = keyOf(prefix, index, kind);
    const put = (): void => {
      upload(world, random, key, kind);
    };
    const times = [random.int(1, withinSeconds), ...(random.chance(0.2) ? [random.int(1, 1_800)] : [])].map((each) => afterSeconds + each);
    for (const seconds of times) world.time.after(seconds * SECOND, put);
    return { key, kind, lastPutAt: START_MILLISECONDS + Math.max(...times) * SECOND };
  });
}

/** Somebody copies a file into the processing bucket. */
export function upload(world: World, random: Random, key: string, kind: FileKind): void {
  const { expectations, names, store, time, trace } = world;
  const size = putFile({ expectations, names, random, store, time, trace }, names.processing, key, kind);
  announce(world, key, size);
}

/** S3's event of the object, to whoever the bucket's notification names. */
function announce(world: World, key: string, size: number): void {
  const { deployed, expectations, facts, faults, names, random, time } = world;
  const bucket = names.processing;
  const body = uploadEventOf({ bucket, key, etag: expectations.latestEtagOf(key) ?? "", size, happenedAt: time.now() });
  const told = [
    ...deployed.queuesToldOf(bucket, key, CREATED).map(
      ({ url }) =>
        () =>
          void world.queueAt(url).send([body]),
    ),
    ...deployed.functionsToldOf(bucket, key, CREATED).map(({ code }) => () => {
      world.functions.invokeAsync(code, JSON.parse(body));
    }),
  ];
  for (const send of told) {
    if (faults.strikes("event-lost")) {
      facts.uploadLostAt = time.now();
      continue;
    }
    time.after(random.int(5, 2_000), send);
    if (faults.strikes("event-delivered-twice")) time.after(faults.draw(1, 300) * SECOND, send);
  }
}

/** Whether all uploads are acknowledged as they are now, or had all the time there is. */
export function areUploadsDue({ deployed, expectations, facts, time }: World, uploads: readonly Upload[]): boolean {
  return uploads.every(({ key, lastPutAt }) => {
    const now = time.now();
    if (now < lastPutAt + 5 * SECOND) return false;
    const etag = facts.uploads.get(key);
    const isAcknowledged = etag !== undefined && (etag === "" || etag === expectations.latestEtagOf(key));
    // a halted fleet lets jobs wait for hours
    const latest = Math.max(lastPutAt, START_MILLISECONDS + FAULTS_CEASE_MILLISECONDS, facts.jobsWaitedAt);
    return isAcknowledged || now > latest + deployed.settlingSeconds * SECOND + FOUND_WITHIN_MILLISECONDS;
  });
}
