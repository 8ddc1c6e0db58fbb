import { codeOf } from "../../folders/system-errors";
import { fstatSync, writeSync } from "node:fs";
import { wrapLines } from "./text-width";

/** Where text of the command goes. Never throws: what could not be written is asked for at the end, when all is taken down. */
export interface Output {
  /** Writes text as it is. */
  write(text: string): void;
  /** Writes text for people: on a terminal, lines break between words. */
  print(text: string): void;
  /** Columns of the terminal behind it; undefined for pipes and files, where a line is as long as it is. */
  readonly columns: number | undefined;
  /** true: something was written, or tried to be. */
  readonly wasUsed: boolean;
  /** Why text was lost. A reader that closed its end (`| head`) wanted no more: that is no failure. */
  readonly failure: Error | undefined;
  /** true: whatever is written from now on is lost, by a failure or because nobody reads any more. */
  readonly isLost: boolean;
  /** Settles when everything is written, or is lost. */
  flush(): Promise<void>;
  /** Called before each write: what moves on the screen has to be out of the way. */
  beforeWrite: (() => void) | undefined;
}

/** A stream that may be a terminal. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined };

/** Writes a part of text to a file. @returns bytes written: a disk that gets full takes some of them first */
export type WritePart = (bytes: Buffer) => number;

/** The output behind a standard stream. A file is written here, since Node's stream forgets what a full disk didn't take. */
export const standardOutput = (stream: OutputStream & { readonly fd: number }): Output =>
  fstatSync(stream.fd).isFile() ? new FileOutput((bytes) => writeSync(stream.fd, bytes)) : new StreamOutput(stream);

abstract class RecordingOutput implements Output {
  public wasUsed = false;
  public failure: Error | undefined;
  public beforeWrite: (() => void) | undefined;
  public isLost = false;
  /** Called once what follows is lost. */
  protected onLost: (() => void) | undefined;

  public abstract readonly columns: number | undefined;
  public abstract flush(): Promise<void>;
  protected abstract put(text: string): void;

  public write(text: string): void {
    this.beforeWrite?.();
    if (text === "") return;
    this.wasUsed = true;
    if (!this.isLost) this.put(text);
  }

  public print(text: string): void {
    this.write(this.columns === undefined ? text : wrapLines(text, this.columns));
  }

  /** What follows would be torn: nothing more is written. */
  protected lose(error: Error): void {
    if (this.isLost) return;
    this.isLost = true;
    if (codeOf(error) !== "EPIPE") this.failure = error;
    this.onLost?.();
  }
}

export class StreamOutput extends RecordingOutput {
  public constructor(private readonly stream: OutputStream) {
    super();
    stream.on("error", (error: Error) => {
      this.lose(error);
    });
  }

  public get columns(): number | undefined {
    return this.stream.isTTY === true ? this.stream.columns : undefined;
  }

  public flush(): Promise<void> {
    if (this.isLost || !this.wasUsed) return Promise.resolve();
    return new Promise((resolve) => {
      // a stream that has failed keeps what is written to it, and never says so
      this.onLost = resolve;
      this.stream.write("", () => {
        resolve();
      });
    });
  }

  protected put(text: string): void {
    this.stream.write(text);
  }
}

export class FileOutput extends RecordingOutput {
  public readonly columns = undefined;

  public constructor(private readonly writePart: WritePart) {
    super();
  }

  public flush(): Promise<void> {
    return Promise.resolve();
  }

  protected put(text: string): void {
    let rest = Buffer.from(text);
    try {
      while (rest.length > 0) rest = rest.subarray(this.writePart(rest));
    } catch (error) {
      this.lose(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
