import type { TextFacts } from "./results";
import type { RequestedEncoding, TextEncoding } from "../text/text-encodings";
import type { SpillingCounter } from "./counter/spilling-counter";
import { contentKind, PROBE_BYTES } from "../text/content-kind";
import type { Scanner } from "./scanner";
import type { KernelCounts } from "./simd/kernel-counts";
import { SimdScanner } from "./simd/simd-scanner";
import { Utf16Scanner } from "./utf16-scanner";
import { Utf32Scanner } from "./utf32-scanner";
import { Utf8Scanner } from "./utf8-scanner";
import { WordSink } from "./word-sink";

export interface TextSettings {
  readonly minimumWordLength: number;
  readonly requestedEncoding: RequestedEncoding;
  /** What the first bytes were judged to be already. @default they are judged here */
  readonly encoding?: TextEncoding;
  /** The most bytes worked through before memory is looked after. */
  readonly pieceBytes: number;
  /** What spellings that wait for normalisation may take. */
  readonly spellingsBytes: number;
  /** What the kernel in WebAssembly may take. @default UTF-8 is read without it, as everything else is */
  readonly kernelBytes?: number;
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** What the counter doesn't know of a text that was counted. */
export interface CountedText extends TextFacts {
  readonly overlongWords: number;
  /** All words, if none of them is in the counter. The caller's to dispose of. */
  readonly counts: KernelCounts | undefined;
}

/** Why something was not counted. */
export type NoText = "not-text" | "compressed";

/** Counts the words of a text. */
export async function countText(
  text: AsyncIterable<Uint8Array>,
  counter: SpillingCounter,
  settings: TextSettings,
): Promise<NoText | CountedText> {
  const counting = new TextCounting(counter, settings);
  try {
    for await (const chunk of text) {
      const found = await counting.take(chunk);
      if (found !== undefined) return found;
      settings.onProgress?.(chunk.length);
    }
    return await counting.end();
  } finally {
    counting.dispose();
  }
}

class TextCounting {
  private readonly sink: WordSink;
  private scanning: { readonly encoding: TextEncoding; readonly scanner: Scanner } | undefined;
  private textBytes = 0;
  /** First chunks, kept until there is enough to judge the content by. */
  private head: Uint8Array[] = [];

  public constructor(
    counter: SpillingCounter,
    private readonly settings: TextSettings,
  ) {
    this.sink = new WordSink(counter, settings, settings.spellingsBytes);
  }

  /** @returns why it is no text, as soon as that is known */
  public async take(chunk: Uint8Array): Promise<NoText | undefined> {
    this.textBytes += chunk.length;
    if (this.scanning === undefined && this.settings.encoding !== undefined) await this.start(this.settings.encoding);
    if (this.scanning !== undefined) {
      await this.scan(this.scanning.scanner, chunk);
      return undefined;
    }
    this.head.push(chunk);
    if (this.textBytes < PROBE_BYTES) return undefined;
    const started = await this.startWithHead();
    return typeof started === "string" ? started : undefined;
  }

  public async end(): Promise<NoText | CountedText> {
    const { encoding: known } = this.settings;
    const started = this.scanning ?? (await (known === undefined ? this.startWithHead() : this.start(known)));
    if (typeof started === "string") return started;
    const { encoding, scanner } = started;
    await scanner.end();
    await this.sink.end();
    const { counts, invalidBytes } = scanner;
    return { encoding, textBytes: this.textBytes, invalidBytes, overlongWords: this.sink.overlongWords, counts };
  }

  public dispose(): void {
    this.scanning?.scanner.dispose?.();
  }

  private async startWithHead(): Promise<NoText | NonNullable<TextCounting["scanning"]>> {
    const head = Buffer.concat(this.head);
    this.head = [];
    const content = contentKind(head, this.settings.requestedEncoding);
    // packed twice: what is inside is no text either
    if (content.kind !== "text") return content.kind === "not-text" ? "not-text" : "compressed";
    const started = await this.start(content.encoding);
    await this.scan(started.scanner, head);
    return started;
  }

  private async start(encoding: TextEncoding): Promise<NonNullable<TextCounting["scanning"]>> {
    this.scanning = { encoding, scanner: await makeScanner(encoding, this.sink, this.settings) };
    return this.scanning;
  }

  private async scan(scanner: Scanner, chunk: Uint8Array): Promise<void> {
    // one class of arrays, not Buffer here and Uint8Array there, keeps the scanners' loops monomorphic
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let start = 0; start < bytes.length; start += this.settings.pieceBytes) {
      await scanner.scan(bytes, start, Math.min(bytes.length, start + this.settings.pieceBytes));
      await this.sink.relieve();
    }
  }
}

async function makeScanner(encoding: TextEncoding, sink: WordSink, { pieceBytes, kernelBytes }: TextSettings): Promise<Scanner> {
  switch (encoding) {
    case "utf-8":
      return kernelBytes === undefined ? new Utf8Scanner(sink, pieceBytes) : new SimdScanner(sink, pieceBytes, kernelBytes);
    case "utf-16le":
    case "utf-16be":
      return new Utf16Scanner(sink, encoding === "utf-16be");
    case "utf-32le":
    case "utf-32be":
      return new Utf32Scanner(sink, encoding === "utf-32be");
    default: {
      // the library's tables are large, and nearly every text is in UTF-8
      const [{ characterTable }, { TableScanner }] = await Promise.all([import("./character-table"), import("./table-scanner")]);
      return new TableScanner(sink, pieceBytes, characterTable(encoding));
    }
  }
}
