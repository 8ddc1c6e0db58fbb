import { Construct } from "constructs";
import { addSavedQuery } from "../../../constructs/observability/saved-query";
import type { WatchedParts } from "./alarms";

/** Shown at first; the console asks for more. */
const LINES = 100;
const NEWEST_FIRST = "sort @timestamp desc";

/** Questions that somebody asks at night (requirement S4.46), with the log groups that have the answer. */
export class LogQueries extends Construct {
  public constructor(scope: Construct, id: string, { fleet, functions, ingest, names, repairs, workflow }: WatchedParts) {
    super(scope, id);
    const { mergeRange, orchestrate, plan, processChunk, reduce, report, seal } = functions;
    const workers = fleet.logGroupName;
    const uploads = ingest.processUpload === undefined ? [] : [ingest.processUpload];
    const lambdas = [
      plan,
      processChunk,
      ...uploads,
      seal,
      mergeRange,
      reduce,
      report,
      orchestrate,
      workflow.finish,
      repairs.reconcile,
      repairs.spotNotices,
    ].map(({ logGroupName }) => logGroupName);
    const workPlaces = [workers, processChunk.logGroupName, ...uploads.map(({ logGroupName }) => logGroupName)];
    const save = (place: string, name: string, logGroupNames: readonly string[], ...commands: readonly string[]): void => {
      addSavedQuery(this, place, { queryName: `${names.queries}${name}`, logGroupNames, commands });
    };
    save(
      "SlowFiles",
      "slow files",
      workPlaces,
      'filter message = "group_committed"',
      "fields @timestamp, batchId, chunkIndex, slowestFile, slowestMilliseconds",
      "sort slowestMilliseconds desc",
      `limit ${LINES}`,
    );
    save(
      "SlowChunks",
      "slow chunks",
      workPlaces,
      'filter message = "group_committed"',
      "stats sum(slotMilliseconds) as milliseconds, sum(bytes) as bytesOfIt, sum(processed) as files by batchId, chunkIndex",
      "sort milliseconds desc",
      `limit ${LINES}`,
    );
    save(
      "Errors",
      "errors by process",
      [...lambdas, workers],
      'filter level = "ERROR"',
      "stats count(*) as lines by service, message, error.name",
      "sort lines desc",
    );
    save(
      "Batch",
      "one batch's story",
      [...lambdas, workers],
      '# put the batch\'s id here: filter batchId = "01J…"',
      'filter message != "group_committed" and ispresent(batchId)',
      "fields @timestamp, service, message, generation, chunkIndex, status, reason, detail",
      "sort @timestamp asc",
      "limit 1000",
    );
    save(
      "SpotLosses",
      "spot losses",
      [workers, repairs.spotNotices.logGroupName],
      'filter message = "spot_notice" or message = "spot_interruption_noted"',
      "fields @timestamp, @logStream, message, instanceId, at",
      NEWEST_FIRST,
      `limit ${LINES}`,
    );
    save(
      "AccessDenied",
      "access denied",
      [...lambdas, workers],
      'filter reason = "access-denied" or error.name like /AccessDenied|Forbidden/ or error.message like /not authorized/',
      "fields @timestamp, service, message, bucket, key, error.message",
      NEWEST_FIRST,
      `limit ${LINES}`,
    );
    save(
      "Quarantine",
      "quarantined by reason",
      workPlaces,
      'filter message = "file_quarantined" or message = "file_not_processed"',
      "stats count(*) as files by reason",
      "sort files desc",
    );
  }
}
