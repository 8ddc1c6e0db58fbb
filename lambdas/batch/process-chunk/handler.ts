import type { Context } from "aws-lambda";
import { makeDynamoDbClient, makeS3Client, makeSqsClient, readClientSettings } from "../../../kit/aws/clients";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { DynamoDbResultStore } from "../../../systems/batch/aws/dynamodb-result-store";
import { nodeZlib } from "../../../kit/aws/node-zlib";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { S3ObjectStore } from "../../../kit/aws/s3-object-store";
import { sdkFaults } from "../../../kit/aws/sdk-faults";
import { SqsQueue } from "../../../kit/aws/sqs-queue";
import { systemClock } from "../../../kit/aws/system-clock";
import { AccessDeniedBreaker } from "../../../systems/batch/core/chunk-work/access-denied-breaker";
import { GROUP_LIMITS, type ChunkDeps } from "../../../systems/batch/core/chunk-work/chunk-deps";
import { GenerationWatch } from "../../../systems/batch/core/chunk-work/generation-watch";
import type { ProcessChunkOutput } from "../../../systems/batch/contracts/batch";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { invocationFolders } from "../../../kit/function/invocation-folder";
import { processChunkEnv } from "./env";
import { runProcessChunk } from "../../../systems/batch/core/chunk-work/process-chunk-function";

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
const deps: Omit<ChunkDeps, "counting" | "sessions"> = {
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
