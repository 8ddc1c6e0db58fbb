import { ulid } from "ulid";
import { makeDynamoDbClient, makeS3Client, makeSqsClient, makeStepFunctionsClient } from "../adapters/clients";
import type { ClientSettings } from "../adapters/clients";
import { DynamoDbLedger } from "../adapters/dynamodb-ledger";
import { DynamoDbResultStore } from "../adapters/dynamodb-result-store";
import { S3ObjectStore } from "../adapters/s3-object-store";
import { SfnWorkflow } from "../adapters/sfn-workflow";
import { SqsQueue } from "../adapters/sqs-queue";
import { systemClock } from "../adapters/system-clock";
import type { Services, Target } from "./services";

/** Connects the ports to a stack's real parts: with its own credentials when it is local, with the user's when it is deployed. */
export function connect({ outputs, environment }: Target): Services {
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
  return {
    outputs,
    ledger: new DynamoDbLedger(tables, outputs.ledger_table, systemClock),
    objects: new S3ObjectStore(makeS3Client(settings)),
    workflow: new SfnWorkflow(makeStepFunctionsClient(settings), outputs.state_machine_arn),
    results: new DynamoDbResultStore(tables, outputs.results_table, systemClock),
    jobs: new SqsQueue(queues, outputs.jobs_queue_url, systemClock),
    chunks: new SqsQueue(queues, outputs.chunks_queue_url, systemClock),
    clock: systemClock,
    newId: () => ulid(),
  };
}
