import { uploadAcknowledgedKey, uploadAcknowledgedPrefix } from "../../contracts/state-keys";
import type { Clock } from "../../../../kit/ports/clock";
import type { ObjectStore } from "../../../../kit/ports/object-store";

export interface WatchAcknowledgedPorts {
  readonly objects: ObjectStore;
  readonly stateBucket: string;
  readonly clock: Clock;
}

const POLL_MILLISECONDS = 500;

/**
 * A worker that dies between a file's result and its acknowledgement leaves the job to another one, after its lease: two minutes, where
 * the configuration says nothing else. And half a minute for that one's work.
 */
const PATIENCE_MILLISECONDS = 150_000;

/**
 * Waits until every file of a run whose files are settled is acknowledged, too.
 *
 * @param filenames as `watchUpload` takes them
 * @returns how many acknowledgements were not seen in time; 0: the last one was made before this returned
 */
export async function watchAcknowledged(
  { clock, objects, stateBucket }: WatchAcknowledgedPorts,
  runId: string,
  filenames: readonly string[],
  signal?: AbortSignal,
): Promise<number> {
  const missing = new Set(filenames.map((filename) => uploadAcknowledgedKey(runId, filename)));
  const until = clock.monotonic() + PATIENCE_MILLISECONDS;
  for (;;) {
    signal?.throwIfAborted();
    for await (const { key } of objects.list(stateBucket, uploadAcknowledgedPrefix(runId))) missing.delete(key);
    if (missing.size === 0 || clock.monotonic() >= until) return missing.size;
    await clock.sleep(POLL_MILLISECONDS, signal);
  }
}
