import { Readable } from "node:stream";
import type { Split } from "../../contracts/files";
import type { GetOptions, ObjectBody, ObjectHead, ObjectStore } from "../../../../kit/ports/object-store";

/**
 * What a slot reads ahead at most, beside the file that it works on. A GET takes some 20 ms and counting a small file less than one: eight
 * under way leave nothing to wait for. 4 MiB are a few files of a megabyte, of which one is enough.
 */
export const READ_AHEAD_FILES = 8;
export const READ_AHEAD_BYTES = 4 * 1_048_576;

type Read = { readonly head: ObjectHead; readonly bytes: Buffer } | { readonly error: unknown };

interface Reading {
  readonly size: number;
  readonly read: Promise<Read>;
  readonly ended: AbortController;
}

/**
 * Reads the next files of a chunk into memory, a bounded part of it, while the slot works on others. It is asked for them as the store is;
 * what isn't read ahead, or wasn't read to its end, comes from the store. Dispose of it.
 */
export class ReadAhead implements Pick<ObjectStore, "get"> {
  private readonly readings = new Map<string, Reading>();
  /** The first split that is not yet read. */
  private next = 0;
  private bytes = 0;

  /** @param splits of one chunk, in the order that they are worked on */
  public constructor(
    private readonly store: Pick<ObjectStore, "get">,
    private readonly splits: readonly Split[],
  ) {}

  /** Begins to read what comes after a split that is worked on now. */
  public beginAfter(position: number): void {
    this.next = Math.max(this.next, position + 1);
    for (; this.readings.size < READ_AHEAD_FILES; this.next += 1) {
      const split = this.splits[this.next];
      if (split === undefined || split.range !== undefined || this.bytes + split.size > READ_AHEAD_BYTES) return;
      this.bytes += split.size;
      const ended = new AbortController();
      this.readings.set(nameOf(split), { size: split.size, read: this.read(split, ended.signal), ended });
    }
  }

  public async get(bucket: string, key: string, options: GetOptions = {}): Promise<ObjectBody> {
    const name = nameOf({ bucket, key });
    const reading = this.readings.get(name);
    if (reading === undefined) return this.store.get(bucket, key, options);
    const read = await untilRead(reading, options.signal);
    this.readings.delete(name);
    this.bytes -= reading.size;
    options.signal?.throwIfAborted();
    // what went wrong then may not go wrong now
    if ("error" in read) return this.store.get(bucket, key, options);
    return { ...read.head, body: Readable.from([read.bytes], { objectMode: false }) };
  }

  /** Resolves when nothing is read any more. */
  public async dispose(): Promise<void> {
    const readings = [...this.readings.values()];
    for (const { ended } of readings) ended.abort();
    await Promise.all(readings.map(({ read }) => read));
    this.readings.clear();
  }

  /** Never rejects: its split's turn may never come. */
  private async read(split: Split, signal: AbortSignal): Promise<Read> {
    try {
      const { body, ...head } = await this.store.get(split.bucket, split.key, { identity: split, signal });
      const stop = (): void => void body.destroy();
      signal.addEventListener("abort", stop);
      try {
        signal.throwIfAborted();
        const pieces: Buffer[] = [];
        for await (const piece of body as AsyncIterable<Buffer>) pieces.push(piece);
        return { head, bytes: Buffer.concat(pieces) };
      } finally {
        signal.removeEventListener("abort", stop);
        stop();
      }
    } catch (error) {
      return { error };
    }
  }
}

/** Whoever waits for it may be told to stop while the store doesn't answer. */
async function untilRead({ ended, read }: Reading, signal: AbortSignal | undefined): Promise<Read> {
  const stop = (): void => {
    ended.abort();
  };
  if (signal?.aborted === true) stop();
  signal?.addEventListener("abort", stop);
  try {
    return await read;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

const nameOf = ({ bucket, key }: Pick<Split, "bucket" | "key">): string => `${bucket}/${key}`;
