const FIRST_CAPACITY_BYTES = 4_096;

/** A file's bytes; written by several calls, so they grow by doubling. */
export class MemoryFile {
  private bytes = Buffer.alloc(0);
  private length = 0;

  public get size(): number {
    return this.length;
  }

  public truncate(): void {
    this.length = 0;
  }

  /** Writes at a position; what lies between the end and it becomes zeros. */
  public write(data: Uint8Array, position: number): void {
    const end = position + data.length;
    if (end > this.bytes.length) {
      const grown = Buffer.alloc(Math.max(end, this.bytes.length * 2, FIRST_CAPACITY_BYTES));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    } else if (position > this.length) this.bytes.fill(0, this.length, position);
    this.bytes.set(data, position);
    this.length = Math.max(this.length, end);
  }

  /** A copy of at most `length` bytes from a position on. */
  public read(position: number, length: number): Buffer {
    return Buffer.from(this.bytes.subarray(Math.min(position, this.length), Math.min(position + length, this.length)));
  }
}
