import { randomUUID } from "node:crypto";
import { makeDynamoDbClient, makeS3Client, makeSqsClient } from "../../kit/aws/clients";
import { DynamoDbRowStore } from "../../kit/aws/dynamodb-row-store";
import { SqsQueue } from "../../kit/aws/sqs-queue";
import type { OnAws } from "../../kit/function/aws-handler";
import type { MessageSink } from "../../kit/ports/job-queue";
import type { RowStore } from "../../kit/ports/row-store";
import { S3UploadReader } from "../../systems/media/aws/s3-upload-reader";
import type { UploadReader } from "../../systems/media/ports/upload-reader";

// The adapter of each kind of use on AWS.

export const claims = () => (): string => randomUUID();
export const rows = ({ address, shared }: OnAws): RowStore => new DynamoDbRowStore(shared(makeDynamoDbClient), address);
export const reader = ({ shared }: OnAws): UploadReader => new S3UploadReader(shared(makeS3Client));
export const sink = ({ address, clock, shared }: OnAws): MessageSink => new SqsQueue(shared(makeSqsClient), address, clock);
