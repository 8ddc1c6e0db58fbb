import type { GetOptions, ObjectStore } from "../ports/object-store";
import { readObject, readOpened } from "./read-object";

/** Bytes of one block: some ten thousand lines, so that the calls don't count, and little memory for the five objects read side by side. */
const BLOCK_BYTES = 4 * 1_048_576;

/**
 * The bytes of an object, or `[start, end)` of it, in blocks that are read to their end before they are handed on. So no connection is
 * open while the caller works on a block, for a silent one is cut after 45 s (kit/aws/clients), and none stays open behind a caller
 * that stops early.
 *
 * @throws ObjectChangedError when the object is replaced in the middle, and what `get` throws
 */
export async function* readBlocks(
  store: ObjectStore,
  bucket: string,
  key: string,
  range?: { readonly start: number; readonly end: number },
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const aborting = signal === undefined ? {} : { signal };
  if (range !== undefined) {
    yield* rangedBlocks(store, bucket, key, range, aborting);
    return;
  }
  // without a range first: an empty object has no range that could be asked for
  const opened = await store.get(bucket, key, aborting);
  const { etag, size } = opened;
  if (size <= BLOCK_BYTES) {
    yield (await readOpened(store, opened, { ...aborting, bucket, key })).bytes;
    return;
  }
  opened.body.destroy();
  yield* rangedBlocks(store, bucket, key, { start: 0, end: size }, aborting, { etag });
}

async function* rangedBlocks(
  store: ObjectStore,
  bucket: string,
  key: string,
  { start, end }: { readonly start: number; readonly end: number },
  aborting: Pick<GetOptions, "signal">,
  known?: { readonly etag: string },
): AsyncGenerator<Uint8Array, void> {
  let identity = known;
  for (let at = start; at < end; at += BLOCK_BYTES) {
    const block = { ...aborting, start: at, end: Math.min(end, at + BLOCK_BYTES) };
    const { bytes, etag } = await readObject(store, bucket, key, identity === undefined ? block : { ...block, identity });
    identity = { etag };
    yield bytes;
  }
}
