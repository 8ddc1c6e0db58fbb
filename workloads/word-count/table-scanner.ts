import { AsciiScanner } from "./ascii-scanner";
import { FIRST_NODE, FIRST_SEQUENCE, FOUR_BYTES, fourByteCharacter, NO_CHARACTER, type CharacterTable } from "./character-table";
import type { WordSink } from "./word-sink";

/**
 * Reads an encoding by its table. A byte that begins no character is invalid, and reading goes on with the byte after it, whatever came
 * of it: so a stray byte costs itself only.
 */
export class TableScanner extends AsciiScanner {
  /** Bytes of a character whose last has not come, and the node that the next is looked up in. */
  private readonly pending: number[] = [];
  private node: Int32Array;

  /** @param pieceBytes the most bytes that `scan` is given at a time */
  public constructor(
    sink: WordSink,
    pieceBytes: number,
    private readonly table: CharacterTable,
  ) {
    super(sink, pieceBytes);
    this.node = table.root;
  }

  public end(): void {
    while (this.pending.length > 0) this.skipFirst();
  }

  protected isInCharacter(): boolean {
    return this.pending.length > 0;
  }

  protected scanCharacters(bytes: Uint8Array, start: number, end: number): number {
    const { pending, sink } = this;
    for (let at = start; at < end;) {
      this.take(bytes[at] ?? 0);
      at += 1;
      if (pending.length === 0 && !sink.inWord) return at;
    }
    return end;
  }

  private take(byte: number): void {
    const value = this.node[byte] ?? NO_CHARACTER;
    if (value <= FIRST_NODE) {
      this.pending.push(byte);
      this.node = this.table.nodes[FIRST_NODE - value] ?? this.table.root;
      return;
    }
    const codePoint = value === FOUR_BYTES ? this.fourByteCharacter(byte) : value;
    if (codePoint === NO_CHARACTER) {
      this.pending.push(byte);
      this.skipFirst();
      return;
    }
    this.pending.length = 0;
    this.node = this.table.root;
    if (codePoint < FIRST_SEQUENCE) this.sink.accept(codePoint);
    else for (const part of this.table.sequences[codePoint - FIRST_SEQUENCE] ?? []) this.sink.accept(part);
  }

  private fourByteCharacter(fourth: number): number {
    const [first = 0, second = 0, third = 0] = this.pending;
    return fourByteCharacter(this.table, first, second, third, fourth);
  }

  /** The first of the pending bytes begins no character; the others may. */
  private skipFirst(): void {
    const others = this.pending.slice(1);
    this.pending.length = 0;
    this.node = this.table.root;
    this.skip(1);
    for (const byte of others) this.take(byte);
  }
}
