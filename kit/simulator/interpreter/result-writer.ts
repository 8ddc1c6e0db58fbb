import { z } from "zod";
import { exportedResult } from "./child-result";
import { jsonBytes, jsonText } from "./limits";
import type { MapRun } from "./map-run";
import { calledWith, scopeOf } from "./state-run";

const writerSchema = z.object({ Bucket: z.string(), Prefix: z.string().default("") });

/** What takes the place of the state's result. */
export interface ResultWriterDetails {
  readonly MapRunArn: string;
  readonly ResultWriterDetails: { readonly Bucket: string; readonly Key: string };
}

/**
 * Writes the results of a Map Run: a file for the children that succeeded, one for those that did not, and the manifest, which is last.
 *
 * @returns undefined without a ResultWriter
 * @throws StatesError States.ResultWriterFailed
 */
export async function writeResults(mapRun: MapRun, itemCount: number): Promise<ResultWriterDetails | undefined> {
  const { run, state, input, id, arn } = mapRun;
  if (state.ResultWriter === undefined) return undefined;
  const { Bucket, Prefix } = calledWith(writerSchema, state.ResultWriter.Parameters(scopeOf(run, input)));
  const folder = `${Prefix === "" ? "" : `${Prefix.replace(/\/$/, "")}/`}${id}/`;
  const { services } = run.world;
  const write = async (name: string, results: readonly object[]): Promise<{ Key: string; Size: number }[]> => {
    if (results.length === 0) return [];
    const key = `${folder}${name}_0.json`;
    await services.writeObject(Bucket, key, jsonText(results));
    return [{ Key: key, Size: jsonBytes(results) }];
  };
  const children = Array.from({ length: itemCount }, (_, index) => mapRun.children[index]).filter((child) => child !== undefined);
  const ResultFiles = {
    FAILED: await write("FAILED", children.filter(({ status }) => status !== "SUCCEEDED").map(exportedResult)),
    PENDING: [],
    SUCCEEDED: await write("SUCCEEDED", children.filter(({ status }) => status === "SUCCEEDED").map(exportedResult)),
  };
  const manifestKey = `${folder}manifest.json`;
  await services.writeObject(Bucket, manifestKey, jsonText({ DestinationBucket: Bucket, MapRunArn: arn, ResultFiles }));
  run.execution.signal.throwIfAborted();
  return { MapRunArn: arn, ResultWriterDetails: { Bucket, Key: manifestKey } };
}
