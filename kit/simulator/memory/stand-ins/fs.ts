import { Readable, Writable } from "node:stream";
import { currentVolume, type MemoryVolume, type OpenFile, type OpenFlags } from "../memory-file-system";

export { resetVolume } from "../memory-file-system";

/** As node:fs has it. https://nodejs.org/api/fs.html#fscreatereadstreampath-options */
const READ_BYTES = 65_536;

type Done = (error?: Error | null) => void;

/** Runs a step of a stream; what it throws is the stream's error. */
function step(done: Done, run: () => void): void {
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) done();
  else done(error instanceof Error ? error : new Error("what was thrown is no error", { cause: error }));
}

class FileReader extends Readable {
  private readonly volume: MemoryVolume = currentVolume();
  private file: OpenFile | undefined;
  private remaining: number;

  public constructor(
    public readonly path: string,
    private readonly start: number,
    end: number,
  ) {
    super({ highWaterMark: READ_BYTES });
    this.remaining = end - start + 1;
  }

  public override _construct(done: Done): void {
    step(done, () => {
      this.file = this.volume.open(this.path, "r");
      this.file.position = this.start;
    });
  }
  public override _read(size: number): void {
    step(
      (error) => {
        if (error instanceof Error) this.destroy(error);
      },
      () => {
        if (this.file === undefined) throw new Error(`${this.path} is read before it is open`);
        const bytes = this.volume.read(this.file, Math.min(size, this.remaining));
        this.remaining -= bytes.length;
        this.push(bytes.length === 0 ? null : bytes);
      },
    );
  }
}

class FileWriter extends Writable {
  private readonly volume: MemoryVolume = currentVolume();
  private file: OpenFile | undefined;

  public constructor(
    public readonly path: string,
    private readonly flags: OpenFlags,
  ) {
    super({ decodeStrings: true });
  }

  public override _construct(done: Done): void {
    step(done, () => {
      this.file = this.volume.open(this.path, this.flags);
    });
  }
  public override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    step(done, () => {
      if (this.file === undefined) throw new Error(`${this.path} is written before it is open`);
      this.volume.write(this.file, bytes);
    });
  }
}

/** @param options.end last byte to read, itself included */
export const createReadStream = (path: string, options: { readonly start?: number; readonly end?: number } = {}): Readable =>
  new FileReader(path, options.start ?? 0, options.end ?? Number.POSITIVE_INFINITY);

export const createWriteStream = (path: string, options: { readonly flags?: OpenFlags } = {}): Writable =>
  new FileWriter(path, options.flags ?? "w");
