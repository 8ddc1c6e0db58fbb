import type { LogEvent } from "../../../../kit/lib/log";
import { unreadableToLog } from "../../core/ledger/unreadable-row";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { ResultStore } from "../../ports/result-store";
import type { RowStore } from "../../../../kit/ports/row-store";
import type { TaskCallback } from "../../../../kit/ports/task-callback";
import type { Workflow } from "../../ports/workflow";
import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import type { Trace } from "../../../../kit/simulator/kernel/trace";
import { ProcessObjectStore, type ObjectStoreWorld } from "../../../../kit/simulator/services/process-object-store";
import type { LogLine } from "../../../../kit/simulator/cloudwatch/cloud-watch";
import type { ProcessLogs } from "./process-logs";
import { ProcessResultStore, ProcessTaskCallback, ProcessWorkflow } from "./process-ports";
import { ProcessQueue } from "../../../../kit/simulator/services/process-queue";
import { ProcessRowStore } from "../../../../kit/simulator/services/process-row-store";
import type { Throughput } from "../../../../kit/simulator/kernel/throughput";
import { WatchedLedger } from "./watched-ledger";
import { WatchedRowStore, type LedgerHistory, type LedgerWatchWorld } from "./ledger-watch";
import type { Facts } from "./facts";
import { RenewalWatch, type WatchedChunksQueue, type WatchedDeadLetters, type WatchedResultsQueue } from "./queue-watch";

/** The services of a world, watched. */
export interface WorldServices {
  readonly objects: ObjectStoreWorld;
  readonly ledgerWatch: LedgerWatchWorld;
  readonly history: LedgerHistory;
  readonly throughput: Throughput;
  readonly results: ResultStore;
  readonly callback: TaskCallback;
  readonly workflow: Workflow;
  readonly queues: {
    readonly chunks: WatchedChunksQueue;
    readonly chunkDeadLetters: WatchedDeadLetters;
    /** Absent where no chunk waits for on-demand capacity. */
    readonly onDemandChunks?: WatchedChunksQueue;
    readonly jobs: ConstructorParameters<typeof ProcessQueue>[1];
    readonly jobDeadLetters: WatchedDeadLetters;
    readonly results: WatchedResultsQueue;
  };
  /** Given where workers have one slot, so that a renewal is for the file that the slot reads. */
  readonly renewals?: { readonly now: () => number; readonly leaseSeconds: number; readonly progressTimeoutSeconds: number };
  readonly facts: Facts;
  readonly trace: Trace;
  /** Takes lines that come to CloudWatch Logs. @default nobody looks at them */
  readonly addLine?: ((logs: ProcessLogs, line: LogLine) => void) | undefined;
}

/** All ports of one process. */
export interface WorldPorts {
  readonly rows: RowStore;
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly results: ResultStore;
  readonly callback: TaskCallback;
  readonly workflow: Workflow;
  readonly queues: { readonly [Role in keyof WorldServices["queues"]]: ProcessQueue };
  readonly clock: SimProcess["clock"];
  readonly faults: SimProcess["faults"];
  readonly calls: SimProcess["calls"];
  readonly log: LogEvent;
}

/**
 * @param worker the id that the process claims chunks under
 * @param logs where its lines go, and which of them. @default nowhere, as those of a command
 */
export function portsOf(process: SimProcess, services: WorldServices, worker: string, logs?: ProcessLogs): WorldPorts {
  const { callback, history, ledgerWatch, objects, queues, results, throughput, trace, workflow } = services;
  const watchedRows = new WatchedRowStore(ledgerWatch, history, worker, process);
  const reach = (carriedOut: RowStore): RowStore => new ProcessRowStore(process, carriedOut, throughput);
  const { addLine } = services;
  const log: LogEvent = (level, event, fields) => {
    trace.add(process.name, event, fields);
    if (logs !== undefined && addLine !== undefined && logs.takes(level, event)) addLine(logs, { event, fields, level });
    if (event === "claim_release_failed" || event === "upload_note_failed") services.facts.couldNotRelease.add(worker);
  };
  const { facts, renewals } = services;
  const renewing = (queue: WatchedChunksQueue): ProcessQueue =>
    new ProcessQueue(process, renewals === undefined ? queue : new RenewalWatch(queue, { ...renewals, facts, worker }));
  return {
    rows: reach(watchedRows),
    ledger: new WatchedLedger({
      reach,
      rows: watchedRows,
      clock: process.clock,
      onUnreadable: unreadableToLog(log),
      facts: services.facts,
      history,
      worker,
      now: ledgerWatch.now,
    }),
    store: new ProcessObjectStore(process, objects),
    results: new ProcessResultStore(process, results),
    callback: new ProcessTaskCallback(process, callback),
    workflow: new ProcessWorkflow(process, workflow),
    queues: {
      chunks: renewing(queues.chunks),
      ...(queues.onDemandChunks === undefined ? {} : { onDemandChunks: renewing(queues.onDemandChunks) }),
      chunkDeadLetters: new ProcessQueue(process, queues.chunkDeadLetters),
      jobs: new ProcessQueue(process, queues.jobs),
      jobDeadLetters: new ProcessQueue(process, queues.jobDeadLetters),
      results: new ProcessQueue(process, queues.results),
    },
    clock: process.clock,
    faults: process.faults,
    calls: process.calls,
    log,
  };
}
