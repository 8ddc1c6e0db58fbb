import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeZlib } from "../../kit/aws/node-zlib";
import type { WordCountOptions } from "../../workloads/word-count/options";
import type { WordCount } from "../../workloads/word-count/results";
import { countSplit, type CountDeps, type SplitSource, type SplitStats } from "../../workloads/word-count/count-split";

/** A folder of its own for one test file; `assertEmpty()` throws when something was left in it. */
export function temporaryDirectory(): { readonly path: string; assertEmpty(): void; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "filemill-test-"));
  const assertEmpty = (): void => {
    const left = readdirSync(path);
    if (left.length > 0) throw new Error(`temporary files left in ${path}: ${left.join(", ")}`);
  };
  return {
    path,
    assertEmpty,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The bytes in chunks of these sizes, again and again; `ended` tells whether a reader left early or came to the end. */
export class Chunks implements AsyncIterableIterator<Uint8Array> {
  public ended = false;
  /** Bytes handed out. */
  public taken = 0;
  private at = 0;
  private index = 0;

  public constructor(
    private readonly bytes: Uint8Array,
    private readonly sizes: readonly number[],
  ) {}

  public [Symbol.asyncIterator](): this {
    return this;
  }

  public next(): Promise<IteratorResult<Uint8Array>> {
    if (this.ended || this.at >= this.bytes.length) return this.return();
    const from = this.at;
    this.at += this.sizes[this.index % this.sizes.length] ?? this.bytes.length;
    this.index += 1;
    this.taken = Math.min(this.at, this.bytes.length);
    return Promise.resolve({ done: false, value: this.bytes.subarray(from, this.at) });
  }

  public return(): Promise<IteratorResult<Uint8Array>> {
    this.ended = true;
    return Promise.resolve({ done: true, value: undefined });
  }
}

export const chunked = (bytes: Uint8Array, sizes: readonly number[]): Chunks => new Chunks(bytes, sizes);

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

export const countDeps = (directory: string, overrides: Partial<CountDeps> = {}): CountDeps => ({
  decompressor: nodeZlib,
  memoryBytes: 8 * 2 ** 20,
  directory,
  decompressionLimitBytes: 2 ** 30,
  ...overrides,
});

export type Counted = SplitStats & { readonly counts: WordCount[] };

/** Counts and reads all counts. @throws when the split was not processed */
export async function countAll(source: SplitSource, options: Partial<WordCountOptions>, deps: CountDeps): Promise<Counted> {
  const result = await countSplit(source, { minimumWordLength: 5, top: 10, encoding: "auto", ...options }, deps);
  if (result.status !== "processed") throw new Error(`expected counts, got ${JSON.stringify(result)}`);
  try {
    return { ...result.stats, counts: await collect(result.counts.entries()) };
  } finally {
    await result.counts.dispose();
  }
}
