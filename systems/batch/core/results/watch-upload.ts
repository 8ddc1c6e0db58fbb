import type { FileIdentity } from "../../../../kit/ports/object-identity";
import type { Clock } from "../../../../kit/ports/clock";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import type { Ledger, UploadException } from "../../ports/ledger";
import type { FileItem, ResultStore } from "../../ports/result-store";
import type { WatchHooks } from "./watch-batch";

export interface WatchUploadPorts {
  readonly results: ResultStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** What became of one file of the upload path. */
export type SettledUpload =
  | { readonly status: "processed"; readonly item: FileItem }
  | { readonly status: "skipped" | "quarantined"; readonly exception: UploadException };

export interface UploadProgress {
  readonly settled: number;
  readonly total: number;
}

/** The table's name for a file. */
export const tableFilename = ({ bucket, key }: Pick<FileIdentity, "bucket" | "key">): string => `${bucket}/${key}`;

const POLL_MILLISECONDS = 500;
/** Exceptions are rare and cost a read a file: looked up at this distance only. */
const EXCEPTION_POLL_MILLISECONDS = 2_000;
const EXCEPTION_CONCURRENCY = 8;

/**
 * Waits until every file has an item in `wordfreq` or an exception in the ledger.
 *
 * @param filenames bucket and key of each object in the processing bucket, `bucket/key`
 * @returns by filename
 */
export async function watchUpload(
  ports: WatchUploadPorts,
  filenames: readonly string[],
  { onProgress, signal }: WatchHooks<[UploadProgress]> = {},
): Promise<ReadonlyMap<string, SettledUpload>> {
  const { clock } = ports;
  const settled = new Map<string, SettledUpload>();
  let nextExceptionLook = clock.monotonic() + EXCEPTION_POLL_MILLISECONDS;
  for (;;) {
    signal?.throwIfAborted();
    const before = settled.size;
    await takeItems(ports.results, filenames, settled);
    if (settled.size === before && clock.monotonic() >= nextExceptionLook) {
      await takeExceptions(ports.ledger, filenames, settled, signal);
      nextExceptionLook = clock.monotonic() + EXCEPTION_POLL_MILLISECONDS;
    }
    onProgress?.({ settled: settled.size, total: filenames.length });
    if (settled.size === filenames.length) return settled;
    await clock.sleep(POLL_MILLISECONDS, signal);
  }
}

async function takeItems(results: ResultStore, filenames: readonly string[], settled: Map<string, SettledUpload>): Promise<void> {
  const pending = filenames.filter((filename) => !settled.has(filename));
  if (pending.length === 0) return;
  for (const item of await results.get(pending)) settled.set(tableFilename(item), { status: "processed", item });
}

async function takeExceptions(
  ledger: Ledger,
  filenames: readonly string[],
  settled: Map<string, SettledUpload>,
  signal?: AbortSignal,
): Promise<void> {
  const pending = filenames.filter((filename) => !settled.has(filename));
  await forEachConcurrently(
    pending,
    EXCEPTION_CONCURRENCY,
    async (filename) => {
      const exception = await ledger.getUploadException(filename);
      if (exception !== undefined) settled.set(filename, { status: exception.status, exception });
    },
    signal,
  );
}
