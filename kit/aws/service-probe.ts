import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { HeadBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { DescribeStateMachineCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../ports/clock";
import type { ServiceAnswer, ServiceProbe } from "../ports/service-probe";

/** What the services are asked about: one resource of each, by the names of the stack's outputs. */
export interface ProbedResources {
  readonly state_bucket: string;
  readonly chunks_queue_url: string;
  readonly ledger_table: string;
  readonly state_machine_arn: string;
}

export interface SdkServiceProbeProps {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly tables: DynamoDBDocumentClient;
  readonly sfn: SFNClient;
  readonly outputs: ProbedResources;
  readonly clock: Clock;
}

/** One request to each service that the command needs, about the stack's own resources. */
export class SdkServiceProbe implements ServiceProbe {
  public constructor(private readonly props: SdkServiceProbeProps) {}

  public probe(): Promise<ServiceAnswer[]> {
    const { outputs, s3, sfn, sqs, tables } = this.props;
    return Promise.all([
      this.ask(`S3 (bucket ${outputs.state_bucket})`, s3, () => s3.send(new HeadBucketCommand({ Bucket: outputs.state_bucket }))),
      this.ask("SQS (queue of chunks)", sqs, () =>
        sqs.send(new GetQueueAttributesCommand({ QueueUrl: outputs.chunks_queue_url, AttributeNames: ["QueueArn"] })),
      ),
      this.ask(`DynamoDB (table ${outputs.ledger_table})`, tables, () =>
        tables.send(new DescribeTableCommand({ TableName: outputs.ledger_table })),
      ),
      this.ask("Step Functions (state machine)", sfn, () =>
        sfn.send(new DescribeStateMachineCommand({ stateMachineArn: outputs.state_machine_arn })),
      ),
    ]);
  }

  private async ask(service: string, client: WithStack, call: () => Promise<unknown>): Promise<ServiceAnswer> {
    const { clock } = this.props;
    const startedAt = clock.monotonic();
    const dates = watchDates(client);
    let problem: string | undefined;
    try {
      await call();
    } catch (error) {
      problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    const serverTime = dates();
    return {
      service,
      milliseconds: clock.monotonic() - startedAt,
      ...(problem === undefined ? {} : { problem }),
      ...(serverTime === undefined ? {} : { serverTime }),
    };
  }
}

type Next = (args: never) => Promise<{ readonly response: unknown }>;
/** The part of a client where what comes over the wire can be looked at. */
interface WithStack {
  readonly middlewareStack: {
    add(middleware: (next: Next) => Next, options: { readonly step: "deserialize"; readonly name: string; readonly override: true }): void;
  };
}

/** @returns reads the Date header of the client's newest answer, in milliseconds since the epoch */
function watchDates(client: WithStack): () => number | undefined {
  let date: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const parsed = Date.parse(dateHeader(result.response));
      if (!Number.isNaN(parsed)) date = parsed;
      return result;
    },
    { step: "deserialize", name: "watchDates", override: true },
  );
  return () => date;
}

function dateHeader(response: unknown): string {
  if (typeof response !== "object" || response === null || !("headers" in response)) return "";
  const { headers } = response;
  return typeof headers === "object" && headers !== null && "date" in headers ? String(headers.date) : "";
}
