import { z } from "zod";
import { defineFunction } from "../../../kit/function/define-function";
import { EVENT_METRICS } from "../../../systems/batch/contracts/metrics";
import { parseUploadEvent } from "../../../systems/batch/contracts/s3-event";
import { SETTING_RANGES } from "../../../systems/batch/contracts/setting-ranges";
import { UPLOADS_PREFIX } from "../../../systems/batch/contracts/state-keys";
import { UPLOAD_EVENTS } from "../../../systems/batch/contracts/upload-events";
import { takeUploads } from "../../../systems/batch/core/upload-work/take-uploads";
import { BoundWorkload } from "../../../workloads/bound-workload";
import { workloadRecordSchema } from "../../../workloads/record";
import { acknowledgeOn } from "../acknowledge-on";
import { bucket, decompressor, folder, ledger, objectStore, queue, resultStore, serviceFaults, stateBucket } from "../uses";

const MEBIBYTE = 1_048_576;

/** S3's event, or one like it that the reconcile makes. What can't be understood fails and becomes a dead letter, as in the jobs queue. */
const uploadEventSchema = z.unknown().transform((content, context) => {
  const parsed = parseUploadEvent(content);
  if (parsed.kind === "records") return parsed.records;
  context.issues.push({ code: "custom", message: parsed.kind === "test" ? "S3's test event" : parsed.problem, input: content });
  return z.NEVER;
});

/** Run by S3 for each object of the processing bucket, where `ingest` is `lambda`. */
export const processUploadFunction = defineFunction({
  name: "process-upload",
  description: "Works on one file of the upload path",
  input: uploadEventSchema,
  metrics: { upload_worked: EVENT_METRICS.upload_worked },
  settings: z.strictObject({
    counterMemoryMebibytes: SETTING_RANGES.counterMemoryMebibytes,
    decompressionLimitMebibytes: SETTING_RANGES.decompressionLimitMebibytes,
    bytesPerSlotSecond: SETTING_RANGES.bytesPerSlotSecond,
    workload: workloadRecordSchema.pick({ name: true, options: true }),
  }),
  uses: {
    ledger: ledger("get", "put", "update"),
    results: resultStore("put"),
    store: objectStore,
    processingBucket: bucket("processing", "PROCESSING_BUCKET_NAME", ["read", "list"]),
    // what a file adds to the run that brought it, and that it is acknowledged
    stateBucket: stateBucket(["write"], UPLOADS_PREFIX),
    jobs: queue("jobs", "send"),
    resultsQueue: queue("results", "send"),
    decompressor,
    faults: serviceFaults,
    withFolder: folder,
  },
  asynchronousEvents: UPLOAD_EVENTS,
  compose: ({ decompressor: gzip, resultsQueue, settings, withFolder, ...ports }) => {
    const { counterMemoryMebibytes, decompressionLimitMebibytes, bytesPerSlotSecond, workload } = settings;
    const deps = {
      ...ports,
      bytesPerSlotSecond,
      workload: BoundWorkload.of(workload.name, workload.options),
      acknowledge: acknowledgeOn(resultsQueue),
    };
    const room = {
      decompressor: gzip,
      memoryBytes: counterMemoryMebibytes * MEBIBYTE,
      decompressionLimitBytes: decompressionLimitMebibytes * MEBIBYTE,
    };
    return (records, invocation) => withFolder((directory) => takeUploads({ ...deps, room: { ...room, directory } }, records, invocation));
  },
});
