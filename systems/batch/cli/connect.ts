import { ulid } from "ulid";
import { SdkAccountQuotas } from "../../../kit/aws/account-quotas";
import {
  makeDynamoDbClient,
  makeLambdaClient,
  makeS3Client,
  makeServiceQuotasClient,
  makeSqsClient,
  makeStepFunctionsClient,
  makeStsClient,
} from "../../../kit/aws/clients";
import type { QueueDepth } from "../../../kit/ports/capacity";
import type { ClientSettings } from "../../../kit/aws/clients";
import { SdkConformanceTarget } from "../../../kit/aws/conformance-target";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { DynamoDbTableScan } from "../../../kit/aws/dynamodb-table-scan";
import { lazyFleetView } from "../../../kit/aws/lazy-fleet-view";
import { RESULT_KEY } from "../aws/dynamodb-result-items";
import { DynamoDbResultStore } from "../aws/dynamodb-result-store";
import { nodeZlib } from "../../../kit/aws/node-zlib";
import { SdkDeployedCode } from "../../../kit/aws/sdk-deployed-code";
import { StsWhoAmI } from "../../../kit/aws/sts-who-am-i";
import { SdkStackStorage } from "../../../kit/aws/sdk-stack-storage";
import { S3ObjectStore } from "../../../kit/aws/s3-object-store";
import { SdkTableRecovery } from "../../../kit/aws/sdk-table-recovery";
import { SdkServiceProbe } from "../../../kit/aws/service-probe";
import { SfnWorkflow } from "../aws/sfn-workflow";
import { SqsQueue } from "../../../kit/aws/sqs-queue";
import { systemClock } from "../../../kit/aws/system-clock";
import { accountOf } from "../contracts/stack-outputs";
import { MAP_RUNS_PREFIX } from "../contracts/state-keys";
import { RowLedger } from "../core/ledger/row-ledger";
import type { OnUnreadable } from "../core/ledger/unreadable-row";
import type { RecoveryParts, Services, Target } from "./services";

/**
 * Connects the ports to a stack's real parts: with its own credentials when it is local, with the user's when it is deployed.
 *
 * @param onUnreadable told of each row of the ledger that a list leaves out because it can't be read
 */
export function connect({ outputs, environment }: Target, onUnreadable?: OnUnreadable): Services {
  const settings: ClientSettings = {
    region: outputs.region,
    ...(environment === undefined
      ? {}
      : {
          endpoint: environment.AWS_ENDPOINT_URL,
          credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY },
        }),
  };
  const tables = makeDynamoDbClient(settings);
  const queues = makeSqsClient(settings);
  const s3 = makeS3Client(settings);
  const sfn = makeStepFunctionsClient(settings);
  const queue = (url: string): SqsQueue => new SqsQueue(queues, url, systemClock);
  const [jobs, chunks, results] = [queue(outputs.jobs_queue_url), queue(outputs.chunks_queue_url), queue(outputs.results_queue_url)];
  const open: RecoveryParts["open"] = ({ ledger, results }) => ({
    ledger: new RowLedger(new DynamoDbRowStore(tables, ledger), systemClock, onUnreadable),
    results: new DynamoDbResultStore(tables, results, systemClock),
  });
  return {
    outputs,
    ...open({ results: outputs.results_table, ledger: outputs.ledger_table }),
    objects: new S3ObjectStore(s3),
    storage: new SdkStackStorage(s3, tables, accountOf(outputs)),
    workflow: new SfnWorkflow(sfn, outputs.state_machine_arn),
    jobs,
    chunks: outputs.on_demand_chunks_queue_url === undefined ? chunks : depthOfBoth(chunks, queue(outputs.on_demand_chunks_queue_url)),
    deadLetters: {
      jobs: { queue: queue(outputs.jobs_dead_letters_url), source: jobs },
      chunks: { queue: queue(outputs.chunks_dead_letters_url), source: chunks },
      results: { queue: queue(outputs.results_dead_letters_url), source: results },
    },
    decompressor: nodeZlib,
    doctor: {
      probe: new SdkServiceProbe({ s3, sqs: queues, tables, sfn, outputs, clock: systemClock }),
      ...(environment === undefined ? { quotas: new SdkAccountQuotas(makeLambdaClient(settings), makeServiceQuotasClient(settings)) } : {}),
      whoAmI: new StsWhoAmI(makeStsClient(settings)),
      code: new SdkDeployedCode(makeLambdaClient(settings), sfn, outputs.state_machine_arn),
      emulator: environment !== undefined,
      conformanceTarget: (roleArn) =>
        new SdkConformanceTarget({
          sfn,
          sqs: queues,
          s3,
          clock: systemClock,
          stateMachineArn: outputs.state_machine_arn,
          bucket: outputs.state_bucket,
          // the stack's role may read and write there, and what an interrupted run leaves expires
          prefix: MAP_RUNS_PREFIX,
          ...(roleArn === undefined ? {} : { roleArn }),
        }),
    },
    recovery: { tables: new SdkTableRecovery(tables), open },
    loadTest: {
      // with the SDK's clients of two services that nobody else needs
      fleet: lazyFleetView(async () =>
        (await import("../../../kit/aws/make-fleet-view")).makeFleetView(settings, outputs.auto_scaling_group),
      ),
      jobs,
      results,
      table: new DynamoDbTableScan(tables, outputs.results_table, RESULT_KEY),
    },
    clock: systemClock,
    newId: () => ulid(),
  };
}

/** Of chunks, whatever capacity they wait for. */
const depthOfBoth = (one: QueueDepth, other: QueueDepth): QueueDepth => ({
  read: async () => {
    const depths = await Promise.all([one.read(), other.read()]);
    return {
      visible: depths.reduce((sum, { visible }) => sum + visible, 0),
      inFlight: depths.reduce((sum, { inFlight }) => sum + inFlight, 0),
    };
  },
});
