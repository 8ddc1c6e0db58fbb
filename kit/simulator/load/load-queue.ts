/** A queue of files by their numbers: what waits, in the order in which it came, and how much is in work. */
export class LoadQueue {
  private readonly waiting: number[] = [];
  private head = 0;
  public inFlight = 0;

  public get visible(): number {
    return this.waiting.length - this.head;
  }

  public push(file: number): void {
    this.waiting.push(file);
  }

  public take(): number | undefined {
    const file = this.waiting[this.head];
    if (file === undefined) return undefined;
    this.head += 1;
    this.inFlight += 1;
    if (this.head > 65_536) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
    return file;
  }

  /** A file is done, whoever did it. */
  public delete(): void {
    this.inFlight -= 1;
  }

  /** What was taken waits again. */
  public giveBack(file: number): void {
    this.inFlight -= 1;
    this.waiting.push(file);
  }
}
