import { nodeZlib } from "../../kit/aws/node-zlib";
import { systemClock } from "../../kit/aws/system-clock";
import { resultMessageSchema, type ResultMessage } from "../../systems/batch/contracts/messages";
import { MemoryQueue } from "../../kit/simulator/memory/memory-queue";
import { runWorker, type WorkerPorts, type WorkerSettings } from "../../worker/compose";
import { BatchWorld, REF, SOURCE, STATE } from "./batch-world";
import { testFaults } from "./fakes/service-faults";
import { uncounted } from "./fakes/call-meter";
import { FakeTaskCallback } from "./fakes/task-callback";
import { until } from "./until";
import { wordCountOf } from "./word-count";

interface Event {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const queue = (name: string): MemoryQueue => new MemoryQueue({ name, clock: systemClock });

export const s3Event = (...keys: string[]): string =>
  JSON.stringify({
    Records: keys.map((key) => ({
      eventSource: "aws:s3",
      eventName: "ObjectCreated:Copy",
      s3: { bucket: { name: SOURCE }, object: { key: encodeURIComponent(key).replaceAll("%20", "+") } },
    })),
  });

/** Files of a batch in which each has other words. */
export const TEN_FILES = Array.from({ length: 10 }, (_, index) => ({
  name: `${index}.txt`,
  body: `words number ${index} and again words`,
}));

/** A batch in memory with queues, for workers that run by this machine's clock. Dispose of it. */
export class WorkerWorld extends BatchWorld {
  public readonly queues = {
    chunks: queue("chunks"),
    chunkDeadLetters: queue("chunks-dead"),
    jobs: queue("jobs"),
    jobDeadLetters: queue("jobs-dead"),
    results: queue("results"),
  };
  public readonly callback = new FakeTaskCallback();
  /** What was logged. */
  public readonly events: Event[] = [];

  public constructor() {
    super(systemClock);
  }

  public ports(change: Partial<WorkerPorts> = {}): WorkerPorts {
    return {
      ledger: this.ledger,
      store: this.store,
      results: this.results,
      callback: this.callback,
      queues: this.queues,
      clock: systemClock,
      faults: testFaults,
      calls: uncounted,
      decompressor: nodeZlib,
      log: (_level, event, fields) => {
        this.events.push({ event, fields });
      },
      ...change,
    };
  }
  public settings(change: Partial<WorkerSettings> = {}): WorkerSettings {
    return {
      workerId: "i-1",
      slots: 2,
      leaseSeconds: 60,
      gatheringMilliseconds: 0,
      progressTimeoutSeconds: 120,
      counterMemoryBytes: 4 * 1_048_576,
      decompressionLimitBytes: 64 * 1_048_576,
      directory: this.directory,
      uploadWorkload: wordCountOf(),
      stateBucket: STATE,
      ...change,
    };
  }

  /** Runs a worker until the condition holds, then stops it. */
  public async working(condition: () => boolean, settings: Partial<WorkerSettings> = {}): Promise<void> {
    const stop = new AbortController();
    const running = runWorker(this.ports(), this.settings(settings), stop.signal);
    await until(condition);
    stop.abort();
    expect(await running).toBe("stopped");
  }

  /** A message for each chunk of the plan. */
  public chunkMessages(): string[] {
    return this.chunks.map((chunk) => JSON.stringify({ schemaVersion: 1, type: "chunk", ...REF, chunk, token: `token-${chunk.index}` }));
  }
  /** Results that were sent. */
  public sent(): ResultMessage[] {
    return this.queues.results.bodies.map((body) => resultMessageSchema.parse(JSON.parse(body)));
  }
  /** Why runs ended. */
  public drainCauses(): unknown[] {
    return this.events.filter(({ event }) => event === "drain_started").map(({ fields }) => fields["cause"]);
  }
  /** Place of an event in the log, -1 when it is not there. */
  public indexOf(event: string): number {
    return this.events.findIndex((entry) => entry.event === event);
  }
}
