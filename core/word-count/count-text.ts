import type { TextEncoding } from "../contracts/files";
import type { SpillingCounter } from "../counter/spilling-counter";
import { PROBE_BYTES, probeEncoding } from "./probe-encoding";
import type { Scanner } from "./scanner";
import { Utf16Scanner } from "./utf16-scanner";
import { Utf8Scanner } from "./utf8-scanner";
import { WordSink } from "./word-sink";

export interface TextSettings {
  readonly minimumWordLength: number;
  /** @default found in the first 8 KiB */
  readonly encoding?: TextEncoding;
  /** The most bytes worked through before memory is looked after. */
  readonly pieceBytes: number;
  /** What spellings that wait for normalisation may take. */
  readonly spellingsBytes: number;
  readonly onProgress?: (bytes: number) => void;
}

/** Counts the words of a text. @returns what the counter doesn't know, or that it is no text */
export async function countText(
  text: AsyncIterable<Uint8Array>,
  counter: SpillingCounter,
  settings: TextSettings,
): Promise<"not-text" | { readonly overlongWords: number }> {
  const counting = new TextCounting(counter, settings);
  for await (const chunk of text) {
    if ((await counting.take(chunk)) === "not-text") return "not-text";
    settings.onProgress?.(chunk.length);
  }
  return counting.end();
}

class TextCounting {
  private readonly sink: WordSink;
  private scanner: Scanner | undefined;
  /** First chunks, kept until there is enough to judge the encoding by. */
  private head: Uint8Array[] = [];
  private headBytes = 0;

  public constructor(
    counter: SpillingCounter,
    private readonly settings: TextSettings,
  ) {
    this.sink = new WordSink(counter, settings, settings.spellingsBytes);
    if (settings.encoding !== undefined) this.scanner = this.scannerOf(settings.encoding);
  }

  public async take(chunk: Uint8Array): Promise<"text" | "not-text"> {
    if (this.scanner !== undefined) {
      await this.scan(this.scanner, chunk);
      return "text";
    }
    this.head.push(chunk);
    this.headBytes += chunk.length;
    return this.headBytes < PROBE_BYTES ? "text" : this.startWithHead();
  }

  public async end(): Promise<"not-text" | { readonly overlongWords: number }> {
    if (this.scanner === undefined && (await this.startWithHead()) === "not-text") return "not-text";
    await this.sink.end();
    return { overlongWords: this.sink.overlongWords };
  }

  private async startWithHead(): Promise<"text" | "not-text"> {
    const head = Buffer.concat(this.head);
    this.head = [];
    const encoding = probeEncoding(head);
    if (encoding === "not-text") return "not-text";
    this.scanner = this.scannerOf(encoding);
    await this.scan(this.scanner, head);
    return "text";
  }

  private scannerOf(encoding: TextEncoding): Scanner {
    if (encoding === "utf-8") return new Utf8Scanner(this.sink, this.settings.pieceBytes);
    return new Utf16Scanner(this.sink, encoding === "utf-16be");
  }

  private async scan(scanner: Scanner, chunk: Uint8Array): Promise<void> {
    // one class of arrays, not Buffer here and Uint8Array there, keeps the scanners' loops monomorphic
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let start = 0; start < bytes.length; start += this.settings.pieceBytes) {
      scanner.scan(bytes, start, Math.min(bytes.length, start + this.settings.pieceBytes));
      await this.sink.relieve();
    }
  }
}
