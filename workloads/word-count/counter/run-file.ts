import { open, type FileHandle } from "node:fs/promises";
import { forEachWord, type Cursor } from "./cursor";

/** An entry of a run: length of the word (16 bits), its UTF-8 bytes, its count (a double), numbers little-endian. */
const LENGTH_BYTES = 2;
const COUNT_BYTES = 8;

/** A sorted run on disk. */
export interface Run {
  readonly path: string;
  readonly bytes: number;
}

/** A run is not as long as it was written: something else cut the file. */
export class BrokenRunError extends Error {
  public override readonly name = "BrokenRunError";
  public constructor({ path, bytes }: Run, found: number) {
    super(
      `temporary file ${path} has ${found} bytes instead of ${bytes}; something else changed it, leave the folder to this process alone`,
    );
  }
}

/** Writes a cursor's words as a sorted run and closes the cursor. */
export async function writeRun(path: string, words: Cursor, bufferBytes: number): Promise<Run> {
  try {
    const file = await open(path, "wx");
    try {
      const writer = new RunWriter(file, bufferBytes);
      await forEachWord(words, (word) => writer.put(word));
      await writer.flush();
      return { path, bytes: writer.written };
    } finally {
      await file.close();
    }
  } finally {
    await words.close();
  }
}

class RunWriter {
  /** Bytes on disk. */
  public written = 0;
  private buffer: Uint8Array;
  private view: DataView;
  private used = 0;

  public constructor(
    private readonly file: FileHandle,
    bufferBytes: number,
  ) {
    this.buffer = new Uint8Array(bufferBytes);
    this.view = new DataView(this.buffer.buffer);
  }

  public put(word: Cursor): void | Promise<void> {
    if (this.used + LENGTH_BYTES + word.length + COUNT_BYTES <= this.buffer.length) {
      this.encode(word);
      return;
    }
    return this.flushAndPut(word);
  }

  public async flush(): Promise<void> {
    // appendFile goes on until all bytes are written; a single write may take only some
    await this.file.appendFile(this.buffer.subarray(0, this.used));
    this.written += this.used;
    this.used = 0;
  }

  private async flushAndPut(word: Cursor): Promise<void> {
    await this.flush();
    const needed = LENGTH_BYTES + word.length + COUNT_BYTES;
    if (needed > this.buffer.length) {
      this.buffer = new Uint8Array(needed);
      this.view = new DataView(this.buffer.buffer);
    }
    this.encode(word);
  }

  private encode({ bytes, start, length, count }: Cursor): void {
    const { buffer, view, used } = this;
    const at = used + LENGTH_BYTES;
    view.setUint16(used, length, true);
    for (let index = 0; index < length; index += 1) buffer[at + index] = bytes[start + index] ?? 0;
    view.setFloat64(at + length, count, true);
    this.used = at + length + COUNT_BYTES;
  }
}

/** Reads a run in blocks. */
export class RunCursor implements Cursor {
  public start = 0;
  public length = 0;
  public count = 0;
  private view: DataView;
  private next = 0;
  private filled = 0;

  private read = 0;

  private constructor(
    private readonly run: Run,
    private readonly file: FileHandle,
    public bytes: Uint8Array,
    private readonly onRead: (bytes: number) => void,
  ) {
    this.view = new DataView(bytes.buffer);
  }

  /** @param onRead called with the number of bytes of each block read */
  public static async open(run: Run, bufferBytes: number, onRead: (bytes: number) => void): Promise<RunCursor> {
    return new RunCursor(run, await open(run.path, "r"), new Uint8Array(bufferBytes), onRead);
  }

  public advance(): boolean | Promise<boolean> {
    return this.take() || this.fillAndTake();
  }

  public async close(): Promise<void> {
    await this.file.close();
  }

  private take(): boolean {
    const { next, filled, view } = this;
    if (next + LENGTH_BYTES > filled) return false;
    const length = view.getUint16(next, true);
    const end = next + LENGTH_BYTES + length + COUNT_BYTES;
    if (end > filled) return false;
    this.start = next + LENGTH_BYTES;
    this.length = length;
    this.count = view.getFloat64(end - COUNT_BYTES, true);
    this.next = end;
    return true;
  }

  private async fillAndTake(): Promise<boolean> {
    for (;;) {
      this.bytes.copyWithin(0, this.next, this.filled);
      this.filled -= this.next;
      this.next = 0;
      if (this.filled === this.bytes.length) this.enlarge();
      const { bytesRead } = await this.file.read(this.bytes, this.filled, this.bytes.length - this.filled);
      this.filled += bytesRead;
      this.read += bytesRead;
      if (bytesRead > 0) this.onRead(bytesRead);
      if (this.take()) return true;
      if (bytesRead > 0) continue;
      if (this.filled > 0 || this.read !== this.run.bytes) throw new BrokenRunError(this.run, this.read);
      return false;
    }
  }

  /** For a word longer than the buffer. */
  private enlarge(): void {
    const bytes = new Uint8Array(2 * this.bytes.length);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
