import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { AsgRetirement } from "../adapters/asg-capacity";
import {
  makeAutoScalingClient,
  makeDynamoDbClient,
  makeS3Client,
  makeSqsClient,
  makeStepFunctionsClient,
  readClientSettings,
} from "../adapters/clients";
import { DynamoDbLedger } from "../adapters/dynamodb-ledger";
import { DynamoDbResultStore } from "../adapters/dynamodb-result-store";
import { Imds } from "../adapters/imds";
import { ImdsSpotNotices } from "../adapters/imds-spot-notices";
import { nodeZlib } from "../adapters/node-zlib";
import { powertoolsLog } from "../adapters/powertools-log";
import { S3ObjectStore } from "../adapters/s3-object-store";
import { SfnTaskCallback } from "../adapters/sfn-task-callback";
import { SqsQueue } from "../adapters/sqs-queue";
import { systemClock } from "../adapters/system-clock";
import { AccessDeniedBreaker } from "../core/chunk-work/access-denied-breaker";
import { GROUP_LIMITS, type LogEvent } from "../core/chunk-work/chunk-deps";
import { GenerationWatch } from "../core/chunk-work/generation-watch";
import { EnvironmentError, readEnvironment } from "../core/env";
import type { Retirement } from "../core/ports/capacity";
import { Collector } from "./collector";
import { workerEnv, type WorkerEnvironment } from "./env";
import { LeaseKeeper } from "./lease-keeper";
import { serve } from "./serve";
import { untilSpotNotice } from "./spot-watch";
import { Worker, type WorkerDeps } from "./worker";

const PROCESS_NAME = "the worker";
const MEBIBYTE = 1_048_576;
/** The most slots a worker has (requirement S1.119). */
const MAXIMUM_SLOTS = 16;

function compose(env: WorkerEnvironment, directory: string, log: LogEvent): WorkerDeps {
  const settings = readClientSettings(PROCESS_NAME, process.env);
  const documents = makeDynamoDbClient(settings);
  const sqs = makeSqsClient(settings);
  const store = new S3ObjectStore(makeS3Client(settings));
  const ledger = new DynamoDbLedger(documents, env.LEDGER_TABLE_NAME, systemClock);
  const results = new DynamoDbResultStore(documents, env.WORKER_RESULT_TABLENAME, systemClock);
  const leases = new LeaseKeeper(systemClock, env.WORKER_MESSAGE_VISIBILITY, env.PROGRESS_TIMEOUT_SECONDS, log);
  const collector = new Collector(new SqsQueue(sqs, env.WORKER_RESULT_QUEUE_URL, systemClock), leases, log);
  const counting = {
    decompressor: nodeZlib,
    memoryBytes: env.COUNTER_MEMORY_MIB * MEBIBYTE,
    directory,
    decompressionLimitBytes: env.DECOMPRESSION_LIMIT_MIB * MEBIBYTE,
  };
  const common = { ledger, store, results, stateBucket: env.STATE_BUCKET_NAME, clock: systemClock, counting, log };
  return {
    sources: [
      {
        kind: "chunk",
        queue: new SqsQueue(sqs, env.WORKER_CHUNK_QUEUE_URL, systemClock),
        deadLetters: new SqsQueue(sqs, env.WORKER_CHUNK_QUEUE_DEAD_LETTER_URL, systemClock),
      },
      {
        kind: "upload",
        queue: new SqsQueue(sqs, env.WORKER_QUEUE_URL, systemClock),
        deadLetters: new SqsQueue(sqs, env.WORKER_QUEUE_DEAD_LETTER_URL, systemClock),
      },
    ],
    leases,
    collector,
    slot: {
      chunk: { ...common, watch: new GenerationWatch(ledger, systemClock), breaker: new AccessDeniedBreaker(), groupLimits: GROUP_LIMITS },
      upload: { ...common, defaults: { minimumWordLength: env.MINIMUM_WORD_LENGTH, top: env.TOP_WORDS } },
      callback: new SfnTaskCallback(makeStepFunctionsClient(settings)),
      collector,
      leases,
      log,
    },
    clock: systemClock,
    log,
  };
}

/** Stops the worker when EC2 takes the instance back; on machines without notices nothing happens. */
function watchSpot(env: WorkerEnvironment, imds: Imds, log: LogEvent, stop: AbortController): Promise<void> {
  if (env.SPOT_NOTICES !== "imds") return Promise.resolve();
  return untilSpotNotice(new ImdsSpotNotices(imds), systemClock, log, stop.signal).then((at) => {
    if (at === undefined) return;
    log("warn", "spot_notice", { at });
    stop.abort();
  });
}

async function retirementOf(env: WorkerEnvironment, imds: Imds): Promise<Retirement | undefined> {
  if (env.AUTO_SCALING_GROUP_NAME === undefined) return undefined;
  return new AsgRetirement(makeAutoScalingClient(readClientSettings(PROCESS_NAME, process.env)), await imds.instanceId());
}

async function main(): Promise<void> {
  const log = powertoolsLog("wordfreq");
  const env = readEnvironment(PROCESS_NAME, workerEnv, process.env);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log("info", "interrupt_received", { signal });
      stop.abort();
    });
  }
  const imds = new Imds(() => systemClock.now());
  const retirement = await retirementOf(env, imds);
  const directory = await mkdtemp(path.join(tmpdir(), "wordfreq-"));
  const slots = env.WORKER_COUNT ?? Math.min(availableParallelism(), MAXIMUM_SLOTS);
  log("info", "worker_started", { slots, pid: process.pid });
  const watching = watchSpot(env, imds, log, stop);
  try {
    const deps = compose(env, directory, log);
    const options = {
      slots,
      leaseSeconds: env.WORKER_MESSAGE_VISIBILITY,
      ...(retirement === undefined || env.IDLE_RETIRE_SECONDS === undefined ? {} : { idleSeconds: env.IDLE_RETIRE_SECONDS }),
    };
    await serve(
      {
        makeWorker: () => new Worker(deps, options),
        ledger: deps.slot.chunk.ledger,
        clock: systemClock,
        log,
        ...(retirement === undefined ? {} : { retirement }),
      },
      stop.signal,
    );
  } finally {
    // also after a failure: a watch that goes on would keep a process alive that does no work
    stop.abort();
    await watching;
    await rm(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof EnvironmentError ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = 1;
});
