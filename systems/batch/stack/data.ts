import { Construct } from "constructs";
import type { EnvironmentConfig } from "../config/schema";
import { WorkQueue } from "../../../constructs/messaging/work-queue";
import { addObjectEvents, type ObjectFunction } from "../../../constructs/storage/object-events";
import { logBucket, type LogBucket } from "../../../constructs/storage/log-bucket";
import { PrivateBucket } from "../../../constructs/storage/private-bucket";
import { addTableBackups } from "../../../constructs/storage/table-backups";
import { Table } from "../../../constructs/storage/table";
import { NOTIFICATION_NAME } from "../contracts/names";
import { BATCHES_PREFIX, MAP_RUNS_PREFIX, UPLOADS_PREFIX } from "../contracts/state-keys";
import type { DeployedNames } from "./names";

export interface DataProps {
  readonly config: EnvironmentConfig;
  readonly names: DeployedNames;
  readonly accountId: string;
}

/** A results message goes to its dead-letter queue after this many receives: its reader can't take it. */
const RESULT_RECEIVES = 5;

/** What is stored and what waits: buckets, queues, tables. */
export class Data extends Construct {
  public readonly uploading: PrivateBucket;
  public readonly processing: PrivateBucket;
  public readonly state: PrivateBucket;
  /** Of access and of the network; undefined where none are kept. */
  public readonly logs: LogBucket | undefined;
  public readonly jobs: WorkQueue;
  public readonly chunks: WorkQueue;
  /** Where chunks wait for on-demand capacity; undefined where none do. */
  public readonly onDemandChunks: WorkQueue | undefined;
  public readonly results: WorkQueue;
  public readonly resultTable: Table;
  public readonly ledger: Table;
  /** Buckets a batch may read, by name. */
  public readonly sourceBucketNames: readonly string[];
  /** Buckets a worker may read: a batch's, and that of the upload path. */
  public readonly readableBucketNames: readonly string[];

  public constructor(scope: Construct, id: string, props: DataProps) {
    super(scope, id);
    const { config, names, accountId } = props;
    const { deepArchiveAfterDays, batchRetentionDays, noncurrentVersionDays } = config.storage;
    const forceDestroy = !config.protectData;
    this.logs = logBucket(this, "Logs", { ...config, accountId, bucketName: names.logBucket, forceDestroy, noncurrentVersionDays });
    const accessLogs = this.logs;
    this.uploading = new PrivateBucket(this, "Uploading", {
      bucketName: names.uploadingBucket,
      forceDestroy,
      accessLogs,
      lifecycle: { noncurrentVersionDays, ...(deepArchiveAfterDays === undefined ? {} : { deepArchiveAfterDays }) },
    });
    this.processing = new PrivateBucket(this, "Processing", {
      bucketName: names.processingBucket,
      forceDestroy,
      accessLogs,
      lifecycle: { noncurrentVersionDays },
    });
    this.state = new PrivateBucket(this, "State", {
      bucketName: names.stateBucket,
      forceDestroy,
      accessLogs,
      lifecycle: {
        noncurrentVersionDays,
        expiry: [BATCHES_PREFIX, MAP_RUNS_PREFIX, UPLOADS_PREFIX].map((prefix) => ({ prefix, days: batchRetentionDays })),
      },
    });
    const { visibilityTimeoutSeconds, retentionSeconds, jobReceives, chunkReceives } = config.queues;
    const common = { visibilityTimeoutSeconds, retentionSeconds };
    this.jobs = new WorkQueue(this, "Jobs", { ...common, queueName: names.jobsQueue, maximumReceives: jobReceives });
    this.chunks = new WorkQueue(this, "Chunks", { ...common, queueName: names.chunksQueue, maximumReceives: chunkReceives });
    if (config.fleet.onDemandRescue !== undefined) {
      this.onDemandChunks = new WorkQueue(this, "OnDemandChunks", {
        ...common,
        queueName: names.onDemandChunksQueue,
        maximumReceives: chunkReceives,
        deadLettersOf: this.chunks,
      });
    }
    this.results = new WorkQueue(this, "Results", { ...common, queueName: names.resultsQueue, maximumReceives: RESULT_RECEIVES });
    this.resultTable = new Table(this, "ResultTable", {
      tableName: names.resultsTable,
      partitionKey: "Filename",
      deletionProtection: config.protectData,
    });
    this.ledger = new Table(this, "Ledger", {
      tableName: names.ledgerTable,
      partitionKey: "pk",
      sortKey: "sk",
      timeToLiveAttribute: "expiresAt",
      deletionProtection: config.protectData,
    });
    addTableBackups(this, "Backups", { ...config, accountId, name: names.backups, tables: [this.resultTable, this.ledger] });
    this.sourceBucketNames = [this.uploading.bucketName, ...config.sourceBuckets];
    this.readableBucketNames = [...this.sourceBucketNames, this.processing.bucketName];
  }

  /**
   * Says who is told of uploads; once, and in this construct whoever it is: the bucket has one list, which Terraform then changes in place,
   * where it would else make the new one and then delete it with the old one.
   */
  public tellOfUploads(accountId: string, told: { readonly queue: WorkQueue } | { readonly target: ObjectFunction }): void {
    // put, post, copy and the end of a multipart upload: a copy from the uploading bucket must count too (requirement S1.40)
    const common = { notificationName: NOTIFICATION_NAME, events: ["s3:ObjectCreated:*"], accountId };
    addObjectEvents(this, "Notification", {
      bucket: this.processing,
      ...("queue" in told ? { queues: [{ ...common, ...told }] } : { functions: [{ ...common, ...told }] }),
    });
  }
}
