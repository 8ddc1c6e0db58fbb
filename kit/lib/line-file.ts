import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";

/** Text gathered before it is written: one system call for a thousand lines. */
const BUFFER_CHARACTERS = 262_144;

/** A file that lines are appended to, with its size and SHA-256 on the way. Memory is one buffer. */
export class LineFile {
  private buffered: string[] = [];
  private bufferedCharacters = 0;
  private readonly hash = createHash("sha256");
  private written = 0;

  private constructor(private readonly handle: FileHandle) {}

  public static async create(path: string): Promise<LineFile> {
    return new LineFile(await open(path, "wx"));
  }

  /** Bytes appended so far. */
  public get bytes(): number {
    return this.written;
  }

  /**
   * @param text whole lines, each with its line feed
   * @returns a promise when it waits for the disk: await it before the next call
   */
  public append(text: string): void | Promise<void> {
    this.buffered.push(text);
    this.bufferedCharacters += text.length;
    this.written += Buffer.byteLength(text);
    if (this.bufferedCharacters >= BUFFER_CHARACTERS) return this.flush();
  }

  /** Writes what is left and closes the file. @returns the SHA-256 of all of it, in hexadecimal digits */
  public async finish(): Promise<string> {
    await this.flush();
    await this.handle.close();
    return this.hash.digest("hex");
  }

  /** Closes the file as it is, after a failure. */
  public async abandon(): Promise<void> {
    await this.handle.close();
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.from(this.buffered.join(""));
    this.buffered = [];
    this.bufferedCharacters = 0;
    this.hash.update(bytes);
    await this.handle.writeFile(bytes);
  }
}

/**
 * One line of JSON Lines. U+2028 and U+2029 may stand in JSON text as they are, but some readers end a line there, so they are
 * escaped.
 */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value);
  const isSafe = !text.includes("\u2028") && !text.includes("\u2029");
  return `${isSafe ? text : text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}\n`;
}
