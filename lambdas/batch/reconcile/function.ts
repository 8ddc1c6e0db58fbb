import { z } from "zod";
import { NEXT_RUN_REPAIRS } from "../../../kit/function/asynchronous-events";
import { defineFunction } from "../../../kit/function/define-function";
import { SETTING_RANGES } from "../../../systems/batch/contracts/setting-ranges";
import { hostsOfBoth } from "../../../systems/batch/core/capacity/hosts-of-both";
import { announcedTo } from "../../../systems/batch/core/reconcile/announced-to";
import { BATCHES_PREFIX, UPLOADS_PREFIX } from "../../../systems/batch/contracts/state-keys";
import { reconcile } from "../../../systems/batch/core/reconcile/reconcile";
import {
  bucket,
  hosts,
  ledger,
  objectStore,
  onDemandChunks,
  onDemandHosts,
  queue,
  resultStore,
  stateBucket,
  stateObjects,
  taskCallback,
  uploadFunction,
  workflow,
} from "../uses";

/** Run by its schedule; what is in the event doesn't matter. */
export const reconcileFunction = defineFunction({
  name: "reconcile",
  description: "Repairs what no event tells of: dead chunks, overdue batches, lost messages, forgotten uploads, silent hosts",
  input: z.unknown(),
  settings: z.strictObject({
    reconcilePrefix: SETTING_RANGES.reconcilePrefix,
    maximumObjects: SETTING_RANGES.reconcileMaximumObjects,
    /** How long the jobs queue keeps a message: an older upload had its announcement, and it was lost with the message. */
    jobsRetentionSeconds: SETTING_RANGES.retentionSeconds,
    /** How old an upload is that nobody was told of: settlingSecondsOf. */
    settlingSeconds: z.int().min(60).max(86_400),
    /** A slot costs its share of a worker. */
    slotsPerWorker: SETTING_RANGES.slotsPerWorker,
    /** The version of the worker that is deployed; absent where none retires. */
    workerVersion: z.string().min(1).optional(),
  }),
  uses: {
    ledger: ledger("get", "update", "put", "query"),
    results: resultStore("getMany"),
    store: objectStore,
    processingBucket: bucket("processing", "PROCESSING_BUCKET_NAME", ["list"]),
    chunks: queue("chunks", "consume", "send", "readDepth"),
    chunkDeadLetters: queue("chunkDeadLetters", "consume", "send", "readDepth"),
    jobs: queue("jobs", "send", "readDepth"),
    jobDeadLetters: queue("jobDeadLetters", "consume"),
    resultsQueue: queue("results", "send"),
    // where runs of the upload path look for what is acknowledged
    stateBucket: stateBucket(["put"], UPLOADS_PREFIX),
    // what a batch's plan says of files, when more failed than may
    plans: stateObjects(["read", "list"], BATCHES_PREFIX),
    workflow,
    callback: taskCallback,
    hosts,
    onDemandChunks: onDemandChunks("consume", "readDepth"),
    onDemandHosts,
    processUpload: uploadFunction,
  },
  asynchronousEvents: NEXT_RUN_REPAIRS,
  compose:
    ({ chunkDeadLetters, chunks, jobDeadLetters, jobs, processUpload, resultsQueue, settings, ...ports }) =>
    async () => {
      const { hosts: group, onDemandChunks: waiting, onDemandHosts: more, ...others } = ports;
      const { workerVersion, ...numbers } = settings;
      await reconcile({
        ...others,
        ...numbers,
        queues: {
          chunks,
          chunkDeadLetters,
          jobs,
          jobDeadLetters,
          results: resultsQueue,
          ...(waiting === undefined ? {} : { onDemandChunks: waiting }),
        },
        uploads: processUpload === undefined ? jobs : announcedTo(processUpload),
        ...(group === undefined ? {} : { hosts: more === undefined ? group : hostsOfBoth(group, more) }),
        ...(workerVersion === undefined ? {} : { workerVersion }),
      });
    },
});
