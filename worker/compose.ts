import type { HostVersion } from "../systems/batch/core/capacity/worker-version";
import { AccessDeniedBreaker } from "../systems/batch/core/chunk-work/access-denied-breaker";
import type { StopCause } from "../systems/batch/core/chunk-work/chunk-control";
import { GROUP_LIMITS, type GroupLimits } from "../systems/batch/core/chunk-work/chunk-deps";
import { type LogEvent } from "../kit/lib/log";
import { MAXIMUM_QUEUE_ENTRIES } from "../kit/lib/service-limits";
import { GenerationWatch } from "../systems/batch/core/chunk-work/generation-watch";
import type { BoundWorkload } from "../workloads/bound-workload";
import { ArtefactCache } from "../systems/batch/core/workloads/artefact-cache";
import { Sessions } from "../systems/batch/core/workloads/sessions";
import { ThreadedSessions } from "../systems/batch/core/workloads/threaded-sessions";
import type { ThreadDeps } from "../workloads/threads/running-thread";
import { WorkThread } from "../workloads/threads/work-thread";
import type { Retirement, Termination } from "../kit/ports/capacity";
import type { CallMeter } from "../kit/ports/call-meter";
import type { Clock } from "../kit/ports/clock";
import type { Decompressor } from "../kit/ports/decompressor";
import type { JobQueue, MessageSink } from "../kit/ports/job-queue";
import type { Ledger } from "../systems/batch/ports/ledger";
import type { ObjectStore } from "../kit/ports/object-store";
import type { ResultStore } from "../systems/batch/ports/result-store";
import type { ServiceFaults } from "../kit/ports/service-faults";
import type { RebalanceRecommendations, SpotNotices } from "../kit/ports/spot-notices";
import type { TaskCallback } from "../kit/ports/task-callback";
import { Collector } from "./collector";
import { HostWatch } from "./host-watch";
import type { JobSource } from "./job";
import { LeaseKeeper } from "./lease-keeper";
import { Rest } from "./rest";
import { serve, type ServeDeps } from "./serve";
import type { HandOver } from "./slot";
import { watchSpot } from "./spot-watch";
import { completeTermination, watchTermination } from "./termination";
import { Worker, type WorkerDeps } from "./worker";

/** The world around a worker. */
export interface WorkerPorts {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly results: ResultStore;
  readonly callback: TaskCallback;
  readonly queues: {
    readonly chunks: JobQueue;
    readonly chunkDeadLetters: MessageSink;
    /** Where chunks wait for on-demand capacity. Absent where none do, and for a worker that takes from there. */
    readonly onDemandChunks?: MessageSink;
    readonly jobs: JobQueue;
    readonly jobDeadLetters: MessageSink;
    readonly results: MessageSink;
  };
  readonly clock: Clock;
  readonly faults: ServiceFaults;
  readonly calls: CallMeter;
  readonly decompressor: Decompressor;
  /** Absent where no instance can be taken away (local, tests). */
  readonly spotNotices?: SpotNotices;
  /** Absent where no instance is likelier to be taken than another (local, tests). */
  readonly recommendations?: RebalanceRecommendations;
  /** Absent where nothing retires (coursework, local). */
  readonly retirement?: Retirement;
  /** Absent where no group holds the instance's end up (local). */
  readonly termination?: Termination;
  /** Starts a thread that runs `worker/thread.ts`. Absent where all work is done in the thread of its slot (tests, simulated worlds). */
  readonly startThread?: ThreadDeps["start"];
  readonly log: LogEvent;
}

export interface WorkerSettings {
  /** The EC2 instance's id; where there is none an id of this process's own. */
  readonly workerId: string;
  /**
   * Version of program and settings, from the launch template, and when the instance booted.
   *
   * @default none - no sign of life, and no newer version is looked for
   */
  readonly host?: HostVersion;
  /** 1 to 16. */
  readonly slots: number;
  /** Threads that slots share for what only computes. @default none */
  readonly threads?: number;
  readonly leaseSeconds: number;
  /** Invariant 8. */
  readonly progressTimeoutSeconds: number;
  /** How long acknowledgements and deletions of jobs wait for those of others, to share a call, while there are others. 0: they don't. */
  readonly gatheringMilliseconds: number;
  /** `on-demand`: chunks that wait for on-demand capacity, and nothing else. @default all */
  readonly serves?: "all" | "on-demand";
  /** On spot capacity: losses of a chunk to it, from which on the chunk is handed over. @default none is */
  readonly afterSpotLosses?: number;
  /** Idle time after which the worker asks to retire. @default never */
  readonly idleSeconds?: number;
  /** What one slot's counts may take before they spill to disk. */
  readonly counterMemoryBytes: number;
  /** A gzip file that unpacks to more is quarantined. */
  readonly decompressionLimitBytes: number;
  /** An existing folder for temporary files. */
  readonly directory: string;
  /** What is done with files of the upload path, with its options where the object says nothing. */
  readonly uploadWorkload: BoundWorkload;
  readonly stateBucket: string;
  /** @default GROUP_LIMITS */
  readonly groupLimits?: GroupLimits;
}

interface ComposedWorker {
  readonly serving: ServeDeps;
  readonly hostWatch: HostWatch | undefined;
  readonly rest: Rest;
  readonly sessions: Sessions;
  readonly threads: readonly WorkThread[];
}

/**
 * Wires a worker from its ports.
 *
 * @param stopCause why it is told to stop, asked once it is
 */
function composeWorker(ports: WorkerPorts, settings: WorkerSettings, stopCause: () => StopCause): ComposedWorker {
  const { clock, ledger, log, queues, results, retirement, store } = ports;
  const { idleSeconds, leaseSeconds, slots, workerId } = settings;
  let current: Worker | undefined;
  const leases = new LeaseKeeper(clock, leaseSeconds, settings.progressTimeoutSeconds, log);
  const collector = new Collector(queues.results, leases, log, {
    clock,
    milliseconds: settings.gatheringMilliseconds,
    fullCall: MAXIMUM_QUEUE_ENTRIES,
    isMoreToCome: () => current?.hasMoreToCome ?? false,
  });
  const room = {
    decompressor: ports.decompressor,
    memoryBytes: settings.counterMemoryBytes,
    directory: settings.directory,
    decompressionLimitBytes: settings.decompressionLimitBytes,
  };
  const threads = threadsOf(ports, settings);
  const sessions = new Sessions(new ArtefactCache(store, settings.stateBucket, settings.directory), settings.directory);
  const common = { ledger, store, results, stateBucket: settings.stateBucket, clock, room, sessions, log };
  const servesAll = settings.serves !== "on-demand";
  const chunkSource: JobSource = { kind: "chunk", queue: queues.chunks, deadLetters: queues.chunkDeadLetters };
  const uploadSource: JobSource = { kind: "upload", queue: queues.jobs, deadLetters: queues.jobDeadLetters };
  const rest = new Rest(ports, () => current?.wake());
  const deps: WorkerDeps = {
    sources: servesAll ? [chunkSource, uploadSource] : [chunkSource],
    leases,
    collector,
    slot: {
      workerId,
      chunk: {
        ...common,
        faults: ports.faults,
        calls: ports.calls,
        watch: new GenerationWatch(ledger, clock),
        breaker: new AccessDeniedBreaker(),
        groupLimits: settings.groupLimits ?? GROUP_LIMITS,
      },
      upload: { ...common, workload: settings.uploadWorkload },
      callback: ports.callback,
      collector,
      leases,
      log,
      handOver: handOverOf(ports, settings),
      sessionsOf: (slot) => {
        const thread = threads[slot % threads.length];
        return thread === undefined ? sessions : new ThreadedSessions(sessions, thread);
      },
    },
    stopCause,
    rests: () => rest.isOn,
    clock,
    log,
  };
  const options = { slots, leaseSeconds, idleSeconds };
  const makeWorker = (): Worker => (current = new Worker(deps, options));
  const isStuck = (): boolean => current?.isStuckFor(settings.progressTimeoutSeconds * 1_000) ?? false;
  const { host } = settings;
  const hostWatch = host === undefined ? undefined : new HostWatch({ ledger, clock, log }, { workerId, ...host }, isStuck);
  const serving: ServeDeps = {
    makeWorker,
    // what plans demand is for the fleet that all work goes to
    demand: servesAll ? ledger : undefined,
    clock,
    log,
    retirement,
    outdated: () => hostWatch?.outdated,
  };
  return { serving, hostWatch, rest, sessions, threads };
}

function threadsOf({ clock, log, startThread: start }: WorkerPorts, { threads = 0 }: WorkerSettings): WorkThread[] {
  if (start === undefined) return [];
  const onDeath = (error: Error): void => {
    log("error", "thread_died", { error });
  };
  return Array.from({ length: threads }, () => new WorkThread({ start, clock, onDeath }));
}

function handOverOf({ queues }: WorkerPorts, { afterSpotLosses }: WorkerSettings): HandOver | undefined {
  const { onDemandChunks: to } = queues;
  return to === undefined || afterSpotLosses === undefined ? undefined : { to, afterSpotLosses };
}

/**
 * A worker's life: it works until it is told to stop, EC2 takes its instance back, its group ends the instance, or it is idle and may
 * retire; then it drains. A group that waits for the end of that is told.
 *
 * @returns when it is drained
 */
export async function runWorker(ports: WorkerPorts, settings: WorkerSettings, stop: AbortSignal): Promise<"stopped" | "retired"> {
  const ended = new AbortController();
  const taken = new AbortController();
  const ending = new AbortController();
  // also while it drains for another reason: a notice that comes then still explains why the worker is gone
  const { hostWatch, rest, serving, sessions, threads } = composeWorker(ports, settings, () => (taken.signal.aborted ? "spot" : "drain"));
  const watching = Promise.all([
    watchSpot(ports, settings.workerId, taken, ended.signal),
    watchTermination(ports, ending, ended.signal),
    hostWatch?.run(ended.signal),
    rest.run(ended.signal),
  ]);
  let end: "stopped" | "retired";
  try {
    end = await serve(serving, AbortSignal.any([stop, taken.signal, ending.signal]));
  } finally {
    // also after a failure: a watch that goes on would keep a process alive that does no work
    ended.abort();
    await watching;
    await sessions.dispose();
    await Promise.all(threads.map((thread) => thread.end()));
  }
  // of a worker that retired the group has heard already, and waits in a moment
  if (end === "retired" || ending.signal.aborted) await completeTermination(ports, stop);
  return end;
}
