import { BoundWorkload } from "../workloads/bound-workload";
import { optionsFromText } from "../workloads/option-text";
import { randomUUID } from "node:crypto";
import { availableParallelism, tmpdir, uptime } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { AsgRetirement } from "../kit/aws/asg-capacity";
import { AsgTermination } from "../kit/aws/asg-termination";
import {
  makeAutoScalingClient,
  makeCloudWatchLogsClient,
  makeDynamoDbClient,
  makeS3Client,
  makeSqsClient,
  makeStepFunctionsClient,
  readClientSettings,
} from "../kit/aws/clients";
import { CloudWatchLogSink } from "../kit/aws/cloudwatch-log-sink";
import { deliveredLog } from "../kit/aws/delivered-log";
import { DynamoDbRowStore } from "../kit/aws/dynamodb-row-store";
import { DynamoDbResultStore } from "../systems/batch/aws/dynamodb-result-store";
import { embeddedMetrics } from "../kit/aws/embedded-metrics";
import { Imds } from "../kit/aws/imds";
import { ImdsSpotNotices } from "../kit/aws/imds-spot-notices";
import { nodeZlib } from "../kit/aws/node-zlib";
import { powertoolsLog } from "../kit/aws/powertools-log";
import { S3ObjectStore } from "../kit/aws/s3-object-store";
import { sdkCallMeter } from "../kit/aws/call-meter";
import { sdkFaults } from "../kit/aws/sdk-faults";
import { SfnTaskCallback } from "../kit/aws/sfn-task-callback";
import { SqsQueue } from "../kit/aws/sqs-queue";
import { onStopSignals, readSignalFacts } from "../kit/aws/stop-signals";
import { systemClock } from "../kit/aws/system-clock";
import type { LogEvent } from "../kit/lib/log";
import { EnvironmentError, readEnvironment } from "../kit/lib/env";
import { EVENT_METRICS } from "../systems/batch/contracts/metrics";
import { RowLedger } from "../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../systems/batch/core/ledger/unreadable-row";
import { withTemporaryFolder } from "../kit/folders/process-folder";
import { runWorker, type WorkerPorts, type WorkerSettings } from "./compose";
import { workerEnv, type WorkerEnvironment } from "./env";

const PROCESS_NAME = "the worker";
/** In its lines. */
const SERVICE = "wordfreq";
const MEBIBYTE = 1_048_576;
/** The most slots a worker has (requirement S1.119). */
const MAXIMUM_SLOTS = 16;
/** Program and JavaScript values of a thread, which takes some 10 MiB of them; more is a fault of its program, and ends it alone. */
const THREAD_HEAP_MEBIBYTES = 128;
/** Counting makes few JavaScript values: with V8's own 48 MiB two threads took 45 MB more, and were no faster. */
const THREAD_NURSERY_MEBIBYTES = 4;

/** Whether the worker is its instance's own master: in coursework policies are, and a local worker has none. */
const retires = ({ AUTO_SCALING_GROUP_NAME: group, IDLE_RETIRE_SECONDS: idleSeconds }: WorkerEnvironment): boolean =>
  group !== undefined && idleSeconds !== undefined;

function portsOf(env: WorkerEnvironment, workerId: string, imds: Imds, log: LogEvent): WorkerPorts {
  const settings = readClientSettings(PROCESS_NAME, process.env);
  const sqs = makeSqsClient(settings);
  const queueOf = (url: string): SqsQueue => new SqsQueue(sqs, url, systemClock);
  const { AUTO_SCALING_GROUP_NAME: groupName, TERMINATION_HOOK_NAME: hookName, WORKER_ON_DEMAND_CHUNK_QUEUE_URL: onDemandUrl } = env;
  const spot = new ImdsSpotNotices(imds);
  const autoScaling = makeAutoScalingClient(settings);
  return {
    ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
    store: new S3ObjectStore(makeS3Client(settings)),
    // a client of its own, and with it a retry budget: a throttled table must not use up that of the ledger
    results: new DynamoDbResultStore(makeDynamoDbClient(settings), env.WORKER_RESULT_TABLENAME, systemClock),
    callback: new SfnTaskCallback(makeStepFunctionsClient(settings)),
    queues: {
      chunks: queueOf(env.WORKER_CHUNK_QUEUE_URL),
      chunkDeadLetters: queueOf(env.WORKER_CHUNK_QUEUE_DEAD_LETTER_URL),
      ...(onDemandUrl === undefined ? {} : { onDemandChunks: queueOf(onDemandUrl) }),
      jobs: queueOf(env.WORKER_QUEUE_URL),
      jobDeadLetters: queueOf(env.WORKER_QUEUE_DEAD_LETTER_URL),
      results: queueOf(env.WORKER_RESULT_QUEUE_URL),
    },
    clock: systemClock,
    faults: sdkFaults,
    calls: sdkCallMeter,
    decompressor: nodeZlib,
    ...(env.SPOT_NOTICES === "imds" ? { spotNotices: spot, recommendations: spot } : {}),
    ...(retires(env) ? { retirement: new AsgRetirement(autoScaling, workerId) } : {}),
    ...(groupName === undefined || hookName === undefined
      ? {}
      : { termination: new AsgTermination(imds, autoScaling, { groupName, hookName, instanceId: workerId }) }),
    // beside this program's own file
    startThread: () =>
      new Worker(path.join(__dirname, "thread.js"), {
        // what this process was started with is for the process, such as what a local run has it watch its parent with
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: heapMebibytesOf(env), maxYoungGenerationSizeMb: THREAD_NURSERY_MEBIBYTES },
      }),
    log,
  };
}

/** Of a thread: what words take on the heap is a small part of the counts' memory, which is outside of it; the rest is for the program. */
const heapMebibytesOf = ({ COUNTER_MEMORY_MIB: memory }: WorkerEnvironment): number => THREAD_HEAP_MEBIBYTES + Math.ceil(memory / 4);

/** One thread for each core that a slot can use; where there is one core, or one slot, a thread would only cost. */
function threadsFor(slots: number): number {
  const threads = Math.min(slots, availableParallelism());
  return threads > 1 ? threads : 0;
}

function settingsOf(env: WorkerEnvironment, { isOnSpot, workerId }: Machine, directory: string): WorkerSettings {
  const { IDLE_RETIRE_SECONDS: idleSeconds, ON_DEMAND_AFTER_SPOT_LOSSES: afterSpotLosses } = env;
  const slots = env.WORKER_COUNT ?? Math.min(availableParallelism(), MAXIMUM_SLOTS);
  return {
    workerId,
    serves: env.WORKER_SERVES ?? "all",
    // what is on demand leaves nothing to on-demand capacity
    ...(isOnSpot && afterSpotLosses !== undefined ? { afterSpotLosses } : {}),
    slots,
    threads: threadsFor(slots),
    leaseSeconds: env.WORKER_MESSAGE_VISIBILITY,
    gatheringMilliseconds: env.GATHERING_MILLISECONDS,
    progressTimeoutSeconds: env.PROGRESS_TIMEOUT_SECONDS,
    ...(retires(env) && idleSeconds !== undefined ? { idleSeconds } : {}),
    // the host's boot, not this process's start: a restarted worker is as old as its instance
    ...(!retires(env) ? {} : { host: { version: env.WORKER_VERSION, bootedAt: systemClock.now() - uptime() * 1_000 } }),
    counterMemoryBytes: env.COUNTER_MEMORY_MIB * MEBIBYTE,
    decompressionLimitBytes: env.DECOMPRESSION_LIMIT_MIB * MEBIBYTE,
    directory,
    uploadWorkload: BoundWorkload.of(env.UPLOAD_WORKLOAD, optionsFromText(env.UPLOAD_WORKLOAD_OPTIONS)),
    stateBucket: env.STATE_BUCKET_NAME,
  };
}

/** What the worker runs on. */
interface Machine {
  /** The instance's id, by which notices and interruption events name it; what runs on no instance makes an id of its own. */
  readonly workerId: string;
  readonly isOnSpot: boolean;
}

async function machineOf(env: WorkerEnvironment, imds: Imds): Promise<Machine> {
  const onInstance = env.SPOT_NOTICES === "imds" || env.AUTO_SCALING_GROUP_NAME !== undefined;
  if (!onInstance) return { workerId: randomUUID(), isOnSpot: false };
  return { workerId: await imds.instanceId(), isOnSpot: (await imds.lifeCycle()) === "spot" };
}

/** Its troubles are told to `log` only: what can't be delivered must not be added to what waits for delivery. */
const logSinkOf = (env: WorkerEnvironment, workerId: string, log: LogEvent): CloudWatchLogSink =>
  new CloudWatchLogSink(
    makeCloudWatchLogsClient(readClientSettings(PROCESS_NAME, process.env)),
    { group: env.WORKER_LOG_GROUP_NAME, stream: workerId },
    (trouble) => {
      log("warn", "log_delivery_failed", trouble);
    },
  );

async function main(): Promise<void> {
  const ownLog = powertoolsLog(SERVICE);
  const env = readEnvironment(PROCESS_NAME, workerEnv, process.env);
  const imds = new Imds(() => systemClock.now(), env.AWS_EC2_METADATA_SERVICE_ENDPOINT);
  const stop = new AbortController();
  let log = ownLog;
  // told twice it drains all the same; what takes too long is killed by whoever waits for it
  onStopSignals(process, readSignalFacts(), (signal) => {
    log("info", "interrupt_received", { signal });
    stop.abort();
  });
  const machine = await machineOf(env, imds);
  const { workerId } = machine;
  const sink = logSinkOf(env, workerId, ownLog);
  log = deliveredLog(ownLog, { service: SERVICE, sink, metrics: embeddedMetrics(EVENT_METRICS, env.METRICS_SYSTEM), clock: systemClock });
  try {
    // a worker that was killed left its own on the instance's disk
    await withTemporaryFolder(tmpdir(), "wordfreq-", async (directory) => {
      const settings = settingsOf(env, machine, directory);
      log("info", "worker_started", { workerId, slots: settings.slots, pid: process.pid, version: env.WORKER_VERSION });
      await runWorker(portsOf(env, workerId, imds, log), settings, stop.signal);
    });
  } catch (error) {
    log("error", "worker_failed", { error });
    throw error;
  } finally {
    await sink.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof EnvironmentError ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = 1;
});
