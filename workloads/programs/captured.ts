import type { Readable } from "node:stream";
import { printable } from "../../kit/lib/printable";

/** What a program prints, as far as it may; once it prints more, all of that is read and thrown away. */
export class CapturedOutput {
  /** Whether it was too much. */
  public isExcessive = false;
  /** Resolves once it is too much. */
  public readonly excess: Promise<void>;
  private readonly chunks: Buffer[] = [];
  private kept = 0;

  public constructor(stream: Readable, limitBytes: number) {
    this.excess = new Promise((resolve) => {
      stream.on("data", (chunk: Buffer) => {
        this.isExcessive ||= this.kept + chunk.length > limitBytes;
        if (this.isExcessive) resolve();
        else this.keep(chunk);
      });
    });
  }

  public get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  private keep(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.kept += chunk.length;
  }
}

/** What is told of a program's complaint: the end of it, where the reason stands. */
const TOLD_CHARACTERS = 1_000;
/** A character takes four bytes at most. */
const KEPT_BYTES = 4 * TOLD_CHARACTERS;

/** The last of what a program says on standard error, in memory that doesn't depend on how much it says. */
export class CapturedComplaint {
  /** Whether it has said what was listened for, however long ago. */
  public wasTold = false;
  private kept = Buffer.alloc(0);

  /** @param listenedFor in ASCII. @default nothing */
  public constructor(stream: Readable, listenedFor?: RegExp) {
    stream.on("data", (chunk: Buffer) => {
      const heard = Buffer.concat([this.kept, chunk]);
      this.wasTold ||= listenedFor?.test(heard.toString("latin1")) ?? false;
      this.kept = heard.subarray(-KEPT_BYTES);
    });
  }

  /** One line, safe for any terminal: line ends are ` | `, other control characters are escaped. */
  public get text(): string {
    const lines = this.kept
      .toString("utf8")
      .trim()
      .split(/\s*[\r\n]+\s*/);
    return Array.from(printable(lines.join(" | ")))
      .slice(-TOLD_CHARACTERS)
      .join("");
  }
}
