import path from "node:path";
import type { Construct } from "constructs";
import { EventRule } from "../../../constructs/events/event-rule";
import { describedFunction } from "../../../constructs/functions/described-function";
import { usableBucket, usableQueue, usableTable } from "../../../constructs/functions/usable";
import { WorkQueue } from "../../../constructs/messaging/work-queue";
import { addObjectEvents } from "../../../constructs/storage/object-events";
import { logBucket } from "../../../constructs/storage/log-bucket";
import { PrivateBucket } from "../../../constructs/storage/private-bucket";
import { addTableBackups } from "../../../constructs/storage/table-backups";
import { Table } from "../../../constructs/storage/table";
import { protectStores } from "../../../constructs/protection";
import { SystemStack, type SystemStackProps } from "../../../constructs/system-stack";
import { classifyFunction } from "../../../lambdas/media/classify/function";
import type { EnvironmentConfig } from "../config/schema";
import { FAILED_EVENTS_QUEUE_NAME, queueName, SYSTEM_NAME, UPLOADS_TABLE_NAME } from "../contracts/names";
import type { StackOutputs } from "../contracts/stack-outputs";
import { Observability } from "./observability";

/** The media system, as far as its first stage: uploads in, each told to the queue of its type (systems/media/README.md). */
export class MediaStack extends SystemStack<EnvironmentConfig, StackOutputs> {
  public constructor(scope: Construct, { config, buildDirectory }: SystemStackProps<EnvironmentConfig>) {
    super(scope, SYSTEM_NAME, config);
    const { bucketPrefix, namePrefix, owner } = config;
    if (config.protectData) protectStores(this);
    const { accountId } = this;
    const forceDestroy = !config.protectData;
    const logs = logBucket(this, "Logs", { ...config, forceDestroy, accountId, bucketName: `${bucketPrefix}-media-logs-${owner}` });
    const input = new PrivateBucket(this, "Input", {
      bucketName: `${bucketPrefix}-media-input-${owner}`,
      forceDestroy,
      accessLogs: logs,
      lifecycle: { noncurrentVersionDays: config.noncurrentVersionDays },
    });
    const queue = (id: string, name: string): WorkQueue => new WorkQueue(this, id, { ...config.queues, queueName: namePrefix + name });
    const document = queue("Document", queueName("document"));
    const picture = queue("Picture", queueName("picture"));
    const model = queue("Model", queueName("3d"));
    const video = queue("Video", queueName("video"));
    const unknown = queue("Unknown", queueName("unknown"));
    const failedEvents = queue("FailedEvents", FAILED_EVENTS_QUEUE_NAME);
    const uploads = new Table(this, "Uploads", {
      tableName: namePrefix + UPLOADS_TABLE_NAME,
      partitionKey: "pk",
      sortKey: "sk",
      deletionProtection: config.protectData,
    });
    addTableBackups(this, "Backups", { ...config, accountId, name: `${namePrefix}media-backups`, tables: [uploads] });
    const classify = describedFunction(
      this,
      "Classify",
      classifyFunction,
      {
        resources: {
          uploads: usableTable(uploads),
          input: usableBucket(input),
          document: usableQueue(document),
          picture: usableQueue(picture),
          "3d": usableQueue(model),
          video: usableQueue(video),
          unknown: usableQueue(unknown),
        },
      },
      {
        ...config.classify,
        functionName: `${namePrefix}media-${classifyFunction.name}`,
        zipFile: path.join(buildDirectory, "lambdas", SYSTEM_NAME, `${classifyFunction.name}.zip`),
        logRetentionDays: config.logRetentionDays,
        failedEvents,
      },
    );
    new EventRule(this, "Uploaded", {
      ruleName: `${namePrefix}media-uploaded`,
      description: "An upload to the input bucket is complete",
      trigger: {
        eventPattern: { source: ["aws.s3"], "detail-type": ["Object Created"], detail: { bucket: { name: [input.bucketName] } } },
      },
      target: classify,
      undelivered: failedEvents,
    });
    addObjectEvents(this, "Events", { bucket: input, eventBridge: true });
    if (config.observability.level === "full") {
      new Observability(this, "Observability", {
        config,
        accountId: this.accountId,
        stackName: this.node.id,
        classify,
        input,
        uploads,
        queues: { document, picture, model, video },
        unknown,
        failedEvents,
      });
    }
    this.addOutputs({
      region: config.region,
      input_bucket: input.bucketName,
      uploads_table: uploads.tableName,
      document_queue_url: document.queueUrl,
      picture_queue_url: picture.queueUrl,
      model_queue_url: model.queueUrl,
      video_queue_url: video.queueUrl,
      unknown_queue_url: unknown.queueUrl,
      failed_events_queue_url: failedEvents.queueUrl,
    });
  }
}
