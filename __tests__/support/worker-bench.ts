import type { ChunkRow } from "../../systems/batch/contracts/ledger-rows";
import { runWorker, type WorkerPorts, type WorkerSettings } from "../../worker/compose";
import { READ_AHEAD_BYTES } from "../../systems/batch/core/chunk-work/read-ahead";
import { REF, SOURCE, type WorldFile } from "./batch-world";
import { WorkerWorld } from "./worker-world";

export const FOUR_FILES = ["a.txt", "b.txt", "c.txt", "d.txt"].map((name) => ({ name, body: `delta words of ${name}` }));

/** A file so big that it and what comes after it is read in its turn only. */
export const readInItsTurn = (name: string) => ({ name, body: "delta ".repeat(READ_AHEAD_BYTES / 6 + 1) });

export const hangs = (): Promise<never> => new Promise(() => undefined);

/** One worker at a batch of four files. Dispose of its world. */
export class WorkerBench {
  public readonly world = new WorkerWorld();
  /** Tells the worker to stop. */
  public readonly stop = new AbortController();
  /** Time that has passed beside this machine's, for workers that run `hastily`: no test waits for it, and no busy machine makes it. */
  public passedMilliseconds = 0;

  public async plan(filesPerChunk: number, files: readonly WorldFile[] = FOUR_FILES): Promise<void> {
    await this.world.plan(files, { filesPerChunk });
    await this.world.queues.chunks.send(this.world.chunkMessages());
  }
  public start(settings: Partial<WorkerSettings> = {}, ports: Partial<WorkerPorts> = {}): Promise<"stopped" | "retired"> {
    return runWorker(this.world.ports(ports), this.world.settings(settings), this.stop.signal);
  }
  public async end(running: Promise<unknown>): Promise<void> {
    this.stop.abort();
    await running;
  }
  public async row(index = 0): Promise<ChunkRow> {
    const stored = await this.world.ledger.getChunk(REF, index);
    if (stored === undefined) throw new Error(`nobody claimed chunk ${index}`);
    return stored;
  }

  /** Makes every GET of a file wait for `answer`, or for the end of its signal. */
  public onRead(answer: (key: string) => Promise<unknown>): void {
    const { store } = this.world;
    const get = store.get.bind(store);
    jest.spyOn(store, "get").mockImplementation(async (bucket, key, options) => {
      const signal = options?.signal;
      if (bucket === SOURCE) {
        const aborted = new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => {
            reject(signal.reason as Error);
          });
        });
        await Promise.race([answer(key), aborted]);
      }
      return get(bucket, key, options);
    });
  }

  /** The lease keeper's rounds, every 20 s under leases of 60 s, come at once; no other time passes faster. */
  public hastily(): Pick<WorkerPorts, "clock"> {
    const { clock } = this.world.ports();
    return {
      clock: {
        now: () => clock.now() + this.passedMilliseconds,
        monotonic: () => clock.monotonic() + this.passedMilliseconds,
        sleep: (ms, signal) => clock.sleep(ms === 20_000 ? 5 : ms, signal),
      },
    };
  }
}
