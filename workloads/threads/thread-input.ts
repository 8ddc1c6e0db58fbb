/** In a thread: the bytes that come in messages, as something to read. */
export class ThreadInput implements AsyncIterable<Uint8Array> {
  private readonly pieces: Uint8Array[] = [];
  private end: { readonly error?: Error } | undefined;
  private wake: (() => void) | undefined;

  /** @param onTaken told of bytes when they are read */
  public constructor(private readonly onTaken: (bytes: number) => void) {}

  public add(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.wake?.();
  }

  /** @param problem why there is no more, when that is not its end */
  public close(problem?: string): void {
    this.end ??= problem === undefined ? {} : { error: new Error(problem) };
    this.wake?.();
  }

  public async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      // what broke off is not worth working on any more
      if (this.end?.error !== undefined) throw this.end.error;
      const piece = this.pieces.shift();
      if (piece !== undefined) {
        this.onTaken(piece.length);
        yield piece;
      } else if (this.end !== undefined) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
