import type { ChunkControl } from "../../systems/batch/core/chunk-work/chunk-control";
import type { ChunkDeps } from "../../systems/batch/core/chunk-work/chunk-deps";
import { processChunk, type ChunkEnd } from "../../systems/batch/core/chunk-work/process-chunk";
import type { ChunkRow } from "../../systems/batch/contracts/ledger-rows";
import { BatchWorld, LEASE_MILLISECONDS, REF } from "./batch-world";

export const NAMES = ["a.txt", "b.txt", "c.txt"];
/** Who takes the chunk over. */
export const OTHER = { worker: "i-other", leaseUntil: Date.UTC(2027, 0, 1) };

/** A batch of one chunk with three files, for what one slot does with it. Dispose of its world. */
export class ChunkBench {
  public readonly world = new BatchWorld();
  /** What was logged, as `level event`, and what the test adds. */
  public readonly steps: string[] = [];

  private constructor() {}

  public static async plan(): Promise<ChunkBench> {
    const bench = new ChunkBench();
    await bench.world.plan(NAMES.map((name) => ({ name, body: `delta words of ${name}` })));
    return bench;
  }

  public deps(change: Partial<ChunkDeps> = {}): ChunkDeps {
    return { ...this.world.chunkDeps(), log: (level, event) => void this.steps.push(`${level} ${event}`), ...change };
  }
  public run(change: Partial<ChunkControl> = {}, deps = this.deps()): Promise<ChunkEnd> {
    return processChunk(deps, REF, this.world.chunk, this.world.control(change));
  }
  public async row(): Promise<ChunkRow> {
    const stored = await this.world.ledger.getChunk(REF, 0);
    if (stored === undefined) throw new Error("nobody claimed the chunk");
    return stored;
  }
  /** Counts a death of a worker that claimed the chunk. */
  public async die(): Promise<void> {
    await this.world.ledger.claimChunk(REF, 0, { worker: "i-dead", leaseUntil: 0 });
    await this.world.ledger.claimChunk(REF, 0, { worker: "i-next", leaseUntil: this.world.clock.now() + LEASE_MILLISECONDS });
  }
}
