import type { Question, ToThread } from "./messages";

/** Input goes to a thread in pieces of this size, that of a piece of work (workloads/word-count/count-split.ts). */
export const PIECE_BYTES = 65_536;
/** Input that was sent and isn't worked on yet, at most: enough for a thread to have the next piece while it works on one. */
const UNTAKEN_BYTES = 8 * PIECE_BYTES;

/** Not filled with zeros, and with memory of its own, which can go to a thread. */
const newPiece = (): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.allocUnsafeSlow(PIECE_BYTES).buffer);

/** A question to a thread that is under way. */
export class ThreadCall {
  public readonly answer: Promise<unknown>;
  private settle: { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void } | undefined;
  private untaken = 0;
  private wake: (() => void) | undefined;

  public constructor(
    private readonly id: number,
    private readonly post: (message: ToThread, transfer: readonly ArrayBuffer[]) => void,
  ) {
    this.answer = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  public get isOver(): boolean {
    return this.settle === undefined;
  }

  public ask(question: Question, input?: AsyncIterable<Uint8Array>): void {
    this.post({ id: this.id, question, hasInput: input !== undefined }, []);
    if (input !== undefined) void this.feed(input);
  }

  public answered(answer: unknown): void {
    this.settle?.resolve(answer);
    this.end();
  }
  public failed(error: Error): void {
    this.settle?.reject(error);
    this.end();
  }
  public taken(bytes: number): void {
    this.untaken -= bytes;
    this.wake?.();
  }
  /** The input is not to be worked on any more. */
  public breakOff(problem: string): void {
    if (!this.isOver) this.post({ id: this.id, inputBreaks: problem }, []);
  }

  /** Never rejects: what is wrong with the input is for the thread to fail with. */
  private async feed(input: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      let piece = newPiece();
      let filled = 0;
      for await (const bytes of input) {
        for (let at = 0; at < bytes.length;) {
          if (this.isOver) return;
          const part = bytes.subarray(at, at + PIECE_BYTES - filled);
          piece.set(part, filled);
          filled += part.length;
          at += part.length;
          if (filled < PIECE_BYTES) continue;
          await this.send(piece);
          piece = newPiece();
          filled = 0;
        }
      }
      // a copy of what is there: the rest of the memory would go along
      if (filled > 0) await this.send(piece.slice(0, filled));
      if (!this.isOver) this.post({ id: this.id, inputEnds: true }, []);
    } catch (error) {
      this.breakOff(error instanceof Error ? error.message : String(error));
    }
  }

  private async send(piece: Uint8Array<ArrayBuffer>): Promise<void> {
    while (this.untaken >= UNTAKEN_BYTES && !this.isOver) await new Promise<void>((resolve) => (this.wake = resolve));
    if (this.isOver) return;
    this.untaken += piece.length;
    this.post({ id: this.id, piece }, [piece.buffer]);
  }

  private end(): void {
    this.settle = undefined;
    this.wake?.();
  }
}
