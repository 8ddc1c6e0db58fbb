import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { ROUTES, type Route } from "../../systems/media/contracts/media-types";
import { stackOutputsSchema, type StackOutputs } from "../../systems/media/contracts/stack-outputs";
import { uploadMessageSchema, uploadRowSchema, type UploadMessage, type UploadRow } from "../../systems/media/contracts/upload";
import { runCommand } from "./command";
import { linkEmulator } from "./emulator-home";
import type { MediaObject } from "../../systems/media/simulation/media-objects";

const statusSchema = z.object({
  endpoint: z.url(),
  outputs: stackOutputsSchema,
  environment: z.object({ AWS_REGION: z.string(), AWS_ACCESS_KEY_ID: z.string(), AWS_SECRET_ACCESS_KEY: z.string() }),
  failure: z.string().optional(),
});
const MEBIBYTE = 1_048_576;

/** An upload that S3 took. */
export interface Uploaded {
  readonly object: MediaObject;
  readonly versionId: string;
  readonly etag: string;
  readonly bytes: number;
}

/** `filemill local up --system media`, and what a client sees of it. */
export class MediaUpStack {
  private readonly s3: S3Client;
  private readonly sqs: SQSClient;
  private readonly lambda: LambdaClient;
  private readonly dynamoDb: DynamoDBClient;

  private constructor(
    private readonly home: string,
    public readonly outputs: StackOutputs,
    settings: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } },
  ) {
    this.s3 = new S3Client({ ...settings, forcePathStyle: true });
    this.sqs = new SQSClient(settings);
    this.lambda = new LambdaClient(settings);
    this.dynamoDb = new DynamoDBClient(settings);
  }

  public static async start(home: string): Promise<MediaUpStack> {
    await linkEmulator(home);
    await runCommand(home, ["local", "down"]);
    const started = await runCommand(home, ["local", "up", "--system", "media", "--json"]);
    expect(started.exitCode === 0 ? "" : started.stderr).toBe("");
    return MediaUpStack.found(home);
  }

  /** The one that is up. */
  public static async found(home: string): Promise<MediaUpStack> {
    const { endpoint, outputs, environment } = await statusOf(home);
    const credentials = { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY };
    return new MediaUpStack(home, outputs, { endpoint, region: environment.AWS_REGION, credentials });
  }

  public async stop(): Promise<void> {
    for (const client of [this.s3, this.sqs, this.lambda, this.dynamoDb]) client.destroy();
    expect(await runCommand(this.home, ["local", "down"])).toMatchObject({ exitCode: 0 });
  }

  /** What went wrong with it as a stack, such as a call that is not allowed. */
  public async failure(): Promise<string | undefined> {
    return (await statusOf(this.home)).failure;
  }

  public async upload(object: MediaObject): Promise<Uploaded> {
    const { VersionId, ETag } = await this.s3.send(new PutObjectCommand({ ...this.placeOf(object), Body: object.bytes }));
    return uploaded(object, object.bytes.length, VersionId, ETag);
  }

  /** @param beforeEnd runs when all parts are there and the upload is not complete */
  public async uploadByParts(object: MediaObject, beforeEnd: () => Promise<void>): Promise<Uploaded> {
    const { Bucket, Key } = this.placeOf(object);
    const { UploadId } = await this.s3.send(new CreateMultipartUploadCommand(this.placeOf(object)));
    // every part but the last has 5 MiB at least
    const parts = [Buffer.concat([object.bytes, Buffer.alloc(5 * MEBIBYTE)]), Buffer.from("the end")];
    const Parts = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await this.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      Parts.push({ ETag, PartNumber });
    }
    await beforeEnd();
    const { VersionId, ETag } = await this.s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
    return uploaded(object, Buffer.concat(parts).length, VersionId, ETag);
  }

  /** Gives the function an upload's event once more. @returns its error, if it has one */
  public async tellAgain({ object, versionId, etag, bytes }: Uploaded): Promise<string | undefined> {
    const event = {
      source: "aws.s3",
      "detail-type": "Object Created",
      time: new Date().toISOString(),
      detail: {
        bucket: { name: this.outputs.input_bucket },
        object: { key: object.key, size: bytes, etag, "version-id": versionId },
      },
    };
    const { FunctionError } = await this.lambda.send(
      new InvokeCommand({ FunctionName: "media-classify", Payload: Buffer.from(JSON.stringify(event)) }),
    );
    return FunctionError;
  }

  public async rows(): Promise<UploadRow[]> {
    const client = DynamoDBDocumentClient.from(this.dynamoDb);
    const rows: UploadRow[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName: this.outputs.uploads_table }))
      rows.push(...Items.map((item) => uploadRowSchema.parse(item)));
    return rows;
  }

  /** Takes all messages out of the queues of every type. */
  public async messages(): Promise<Record<Route, UploadMessage[]>> {
    const taken = await Promise.all(
      ROUTES.map(async (route) => [
        route,
        (await this.take(this.queueUrl(route))).map((body) => uploadMessageSchema.parse(JSON.parse(body))),
      ]),
    );
    return Object.fromEntries(taken) as Record<Route, UploadMessage[]>;
  }

  public failedEvents(): Promise<string[]> {
    return this.take(this.outputs.failed_events_queue_url);
  }

  private queueUrl(route: Route): string {
    return this.outputs[`${route === "3d" ? "model" : route}_queue_url`];
  }

  private async take(QueueUrl: string): Promise<string[]> {
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await this.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }));
      if (Messages.length === 0) return bodies;
      bodies.push(...Messages.map(({ Body = "" }) => Body));
      const Entries = Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
      await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  private placeOf({ key, contentType, metadata }: MediaObject) {
    return {
      Bucket: this.outputs.input_bucket,
      Key: key,
      Metadata: { ...metadata },
      ...(contentType === undefined ? {} : { ContentType: contentType }),
    };
  }
}

function uploaded(object: MediaObject, bytes: number, versionId: string | undefined, etag: string | undefined): Uploaded {
  if (versionId === undefined || etag === undefined) throw new Error("S3 told no version of an upload");
  return { object, bytes, versionId, etag: etag.replaceAll('"', "") };
}

const statusOf = async (home: string): Promise<z.output<typeof statusSchema>> =>
  statusSchema.parse(JSON.parse((await runCommand(home, ["local", "status", "--json"])).stdout));
