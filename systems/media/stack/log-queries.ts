import type { Construct } from "constructs";
import { addSavedQuery } from "../../../constructs/observability/saved-query";
import type { WatchedParts } from "./alarms";

/** Questions that somebody asks of an upload (requirement S4.46), answered by the log of classify. */
export function addQueries(scope: Construct, { classify, config }: WatchedParts): void {
  const save = (place: string, name: string, ...commands: readonly string[]): void => {
    const queryName = `${config.namePrefix}media/${name}`;
    addSavedQuery(scope, place, { queryName, logGroupNames: [classify.logGroupName], commands });
  };
  save("Errors", "errors", 'filter level = "ERROR"', "stats count(*) as lines by service, message, error.name", "sort lines desc");
  save(
    "UnprocessableUploads",
    "uploads that can't be processed",
    'filter message = "upload_not_processable"',
    "fields @timestamp, bucket, key, problem",
    "sort @timestamp desc",
    "limit 100",
  );
  save(
    "Upload",
    "one upload's story",
    '# put the upload\'s id here: filter uploadId = "…"',
    "filter ispresent(uploadId)",
    "fields @timestamp, message, bucket, key, type, processingOption, problem",
    "sort @timestamp asc",
    "limit 1000",
  );
}
