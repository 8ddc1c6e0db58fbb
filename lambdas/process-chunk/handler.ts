import type { Context } from "aws-lambda";
import { makeDynamoDbClient, makeS3Client, makeSqsClient, readClientSettings } from "../../adapters/clients";
import { DynamoDbRowStore } from "../../adapters/dynamodb-row-store";
import { DynamoDbResultStore } from "../../adapters/dynamodb-result-store";
import { nodeZlib } from "../../adapters/node-zlib";
import { powertoolsLog } from "../../adapters/powertools-log";
import { S3ObjectStore } from "../../adapters/s3-object-store";
import { sdkFaults } from "../../adapters/sdk-faults";
import { SqsQueue } from "../../adapters/sqs-queue";
import { systemClock } from "../../adapters/system-clock";
import { AccessDeniedBreaker } from "../../core/chunk-work/access-denied-breaker";
import { GROUP_LIMITS, type ChunkDeps } from "../../core/chunk-work/chunk-deps";
import { GenerationWatch } from "../../core/chunk-work/generation-watch";
import type { ProcessChunkOutput } from "../../core/contracts/batch";
import { readEnvironment } from "../../core/env";
import { RowLedger } from "../../core/ledger/row-ledger";
import { unreadableToLog } from "../../core/ledger/unreadable-row";
import { invocationFolders } from "../invocation-folder";
import { processChunkEnv } from "./env";
import { runProcessChunk } from "./process-chunk-function";

const env = readEnvironment("the process-chunk Lambda", processChunkEnv, process.env);
const settings = readClientSettings("the process-chunk Lambda", process.env);
const log = powertoolsLog("process-chunk");
const withFolder = invocationFolders(process.env, log);
const ledger = new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log));
const resultsQueue = new SqsQueue(makeSqsClient(settings), env.RESULTS_QUEUE_URL, systemClock);
const counting: Omit<ChunkDeps["counting"], "directory"> = {
  decompressor: nodeZlib,
  memoryBytes: env.COUNTER_MEMORY_MIB * 1_048_576,
  decompressionLimitBytes: env.DECOMPRESSION_LIMIT_MIB * 1_048_576,
};
const deps: Omit<ChunkDeps, "counting"> = {
  ledger,
  store: new S3ObjectStore(makeS3Client(settings)),
  // a client of its own, and with it a retry budget: a throttled table must not use up that of the ledger
  results: new DynamoDbResultStore(makeDynamoDbClient(settings), env.RESULT_TABLE_NAME, systemClock),
  stateBucket: env.STATE_BUCKET_NAME,
  clock: systemClock,
  faults: sdkFaults,
  watch: new GenerationWatch(ledger, systemClock),
  breaker: new AccessDeniedBreaker(),
  groupLimits: GROUP_LIMITS,
  acknowledge: (messages) => resultsQueue.send(messages.map((message) => JSON.stringify(message))),
  log,
};

export async function handler(event: unknown, context: Context): Promise<ProcessChunkOutput> {
  return withFolder((directory) =>
    runProcessChunk({ ...deps, counting: { ...counting, directory } }, event, {
      remainingMilliseconds: () => context.getRemainingTimeInMillis(),
    }),
  );
}
