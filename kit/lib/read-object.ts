import type { Readable } from "node:stream";
import type { GetOptions, ObjectBody, ObjectHead, ObjectStore } from "../ports/object-store";

/**
 * The client repeats a request that fails, but not a transfer that breaks off after it began. Four attempts: S3 resets few connections
 * in a row, and a caller that fails after them is repeated itself.
 */
const ATTEMPTS = 4;

/** An object, or a range of it, that fits into memory. */
export interface ReadObject extends ObjectHead {
  readonly bytes: Buffer;
}

/**
 * Reads an object, or a range of it, to its end. A transfer that breaks off is begun again, on condition that the content is the same.
 *
 * @throws what `get` throws, ObjectChangedError when the object is replaced between two attempts, and the last transfer's error
 */
export async function readObject(store: ObjectStore, bucket: string, key: string, options: GetOptions = {}): Promise<ReadObject> {
  return readOpened(store, await store.get(bucket, key, options), { ...options, bucket, key });
}

/** As `readObject`, for an object that is open already. */
export async function readOpened(
  store: ObjectStore,
  opened: ObjectBody,
  { bucket, key, ...options }: GetOptions & { readonly bucket: string; readonly key: string },
): Promise<ReadObject> {
  let current = opened;
  for (let attempt = 1; ; attempt += 1) {
    const { body, ...head } = current;
    try {
      return { ...head, bytes: await bytesOf(body) };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (attempt === ATTEMPTS) throw error;
    }
    current = await store.get(bucket, key, { ...options, identity: options.identity ?? { etag: head.etag } });
  }
}

/** As `buffer` of node:stream/consumers, which makes a Blob on its way: half of the time of reading something small. */
async function bytesOf(body: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
