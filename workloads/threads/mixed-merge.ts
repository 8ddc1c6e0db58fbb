import type { Merge, SplitPartial } from "../workload";
import { ThreadPartial, type ThreadMerge } from "./work-thread";

/** A merge of partials that lie here and in a thread. What is added there stays there until it is asked for. */
export class MixedMerge implements Merge<unknown, unknown> {
  private here: Merge<unknown, unknown> | undefined;
  private there: ThreadMerge | undefined;

  public constructor(
    private readonly openHere: () => Merge<unknown, unknown>,
    private readonly openThere: () => Promise<ThreadMerge>,
  ) {}

  public async add(partial: SplitPartial): Promise<void> {
    if (!(partial instanceof ThreadPartial)) return this.merge().add(partial);
    try {
      this.there ??= await this.openThere();
    } catch (error) {
      await partial.dispose();
      throw error;
    }
    await this.there.add(partial);
  }

  public addSection(section: AsyncIterable<Uint8Array>): Promise<void> {
    return this.merge().addSection(section);
  }

  /** What lies here goes to the thread, which most likely has more. */
  public async *section(): AsyncGenerator<string | Uint8Array, void> {
    if (this.there !== undefined && this.here !== undefined) {
      await this.there.addSection(bytesOf(this.here.section()));
      await this.here.dispose();
      this.here = undefined;
    }
    yield* (this.there ?? this.merge()).section();
  }

  public async join(results: readonly unknown[]): Promise<unknown> {
    return (await this.allHere()).join(results);
  }
  public addResult(result: unknown): void {
    this.merge().addResult(result);
  }
  public async total(): Promise<unknown> {
    return (await this.allHere()).total();
  }

  public async dispose(): Promise<void> {
    try {
      await this.there?.dispose();
    } finally {
      await this.here?.dispose();
    }
  }

  private merge(): Merge<unknown, unknown> {
    this.here ??= this.openHere();
    return this.here;
  }

  private async allHere(): Promise<Merge<unknown, unknown>> {
    const here = this.merge();
    if (this.there !== undefined) {
      await here.addSection(bytesOf(this.there.section()));
      await this.there.dispose();
      this.there = undefined;
    }
    return here;
  }
}

async function* bytesOf(section: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const piece of section) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}
