import type { FileResult } from "../../contracts/files";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { resultLine } from "../reduce/reduce";
import { textLines } from "../../../../kit/lib/text-lines";
import type { Finding } from "./verification";

/** `results.jsonl` as it is stored, held against the lines made again one by one. */
export class StoredLines {
  private readonly lines: AsyncGenerator<string>;
  private compared = 0;
  private bytes = 0;
  private comparedBytes = 0;
  private wrong: string | undefined;
  private failure: { readonly error: unknown } | undefined;

  public constructor(
    { stateBucket, store }: { readonly store: ObjectStore; readonly stateBucket: string },
    private readonly key: string,
  ) {
    this.lines = textLines(this.counted(readBlocks(store, stateBucket, key)));
  }

  /** What is wrong with the stored lines is told by `finish`, for it says nothing about those made again. */
  public async compare(expected: FileResult): Promise<void> {
    const line = await this.next();
    const text = resultLine(expected);
    this.compared += 1;
    this.comparedBytes += Buffer.byteLength(text);
    if (line === undefined) this.wrong ??= `${this.key} ends before line ${this.compared}, file '${expected.filename}'`;
    else if (`${line}\n` !== text) this.wrong ??= `line ${this.compared} of ${this.key} is not that of file '${expected.filename}'`;
  }

  public async finish(): Promise<Finding> {
    const more = await this.next();
    if (this.failure !== undefined) throw this.failure.error;
    if (more !== undefined) this.wrong ??= `${this.key} has more lines than the batch has files`;
    // a reader of lines doesn't see whether the last one is ended
    if (this.bytes !== this.comparedBytes) this.wrong ??= `${this.key} has ${this.bytes} bytes, its lines come to ${this.comparedBytes}`;
    return { counts: { lines: this.compared }, ...(this.wrong === undefined ? {} : { wrong: this.wrong }) };
  }

  private async *counted(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) {
      this.bytes += block.length;
      yield block;
    }
  }

  private async next(): Promise<string | undefined> {
    if (this.failure !== undefined) return undefined;
    try {
      const next = await this.lines.next();
      return next.done === true ? undefined : next.value;
    } catch (error) {
      this.failure = { error };
      return undefined;
    }
  }
}
