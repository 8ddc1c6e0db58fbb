import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { lstat, rename } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { makeFolders } from "../../../../kit/folders/made-folders";
import { withTemporaryFolder } from "../../../../kit/folders/process-folder";
import { codeOf } from "../../../../kit/folders/system-errors";
import { RunFailedError } from "../../../../kit/cli/command-errors";
import { explainWrite } from "../../../../kit/cli/output/output-folder";
import { printable } from "../../../../kit/lib/printable";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import type { FileOutput } from "../../contracts/files";
import type { CommandContext } from "../context";
import type { Services } from "../services";
import type { BatchDocument } from "../../core/results/batch-document";
import { readFileResults } from "../../core/results/batch-results";

/** Downloads at a time: enough to hide a call's latency. */
const DOWNLOADS_AT_A_TIME = 8;
/** Outputs that are being fetched lie in a folder of that name beside their places. */
const UNFINISHED_PREFIX = ".filemill-";
/** Where a local run puts them, beside its results. */
export const OUTPUTS_FOLDER = "outputs";

/**
 * Brings a batch's outputs to `<folder>/<file>/<output>`, each checked by its hash. What is there already with the same content stays; what
 * has other content is never written over.
 *
 * @throws RunFailedError for a place that is taken or that no file system has; UnwritableError; ObjectMissingError
 */
export async function fetchOutputs(
  { reporter, signal }: Pick<CommandContext, "reporter" | "signal">,
  services: Pick<Services, "objects" | "outputs">,
  document: Pick<BatchDocument, "batchId" | "generation" | "outputs">,
  folder: string,
): Promise<void> {
  const total = document.outputs.files;
  if (total === 0) {
    reporter.say("there are no outputs");
    return;
  }
  const results = readFileResults(services.objects, services.outputs.state_bucket, document, signal);
  let [started, done] = [0, 0];
  await explainWrite(folder, makeFolders(folder));
  const fetching = withTemporaryFolder(folder, UNFINISHED_PREFIX, async (beside) => {
    for await (const { filename, outputs } of results) {
      await forEachConcurrently(
        outputs,
        DOWNLOADS_AT_A_TIME,
        async (output) => {
          started += 1;
          await fetchOne(services, output, placeOf(folder, filename, output.name), path.join(beside, String(started)), signal);
          done += 1;
          reporter.advance("fetched", done, total, "outputs");
        },
        signal,
      );
    }
  });
  await explainWrite(folder, fetching);
}

/** @throws RunFailedError when the names lead elsewhere */
function placeOf(folder: string, filename: string, name: string): string {
  const parts = [...filename.split("/"), ...name.split("/")];
  if (parts.every((part) => part !== "" && part !== "." && part !== "..")) return path.join(folder, ...parts);
  throw new RunFailedError(
    `output '${printable(name)}' of '${printable(filename)}' has no place below a folder: its path has an empty part, '.' or '..'`,
    "fetch it by its key, which results.jsonl names",
  );
}

async function fetchOne(
  { objects, outputs: { state_bucket: stateBucket } }: Pick<Services, "objects" | "outputs">,
  { key, sha256 }: FileOutput,
  place: string,
  beside: string,
  signal: AbortSignal,
): Promise<void> {
  const there = await contentAt(place);
  if (there === sha256) return;
  if (there !== undefined) {
    throw new RunFailedError(
      `'${printable(place)}' is there already and has other content`,
      "move it, or give another folder with --outputs",
    );
  }
  await makeFolders(path.dirname(place));
  const { body } = await objects.get(stateBucket, key, { signal });
  await pipeline(body, createWriteStream(beside, { flags: "wx" }), { signal });
  const found = await hashOf(beside);
  if (found !== sha256) {
    throw new RunFailedError(
      `s3://${stateBucket}/${key} has SHA-256 ${found}, but the batch's result says ${sha256}`,
      "trust neither: find out who wrote to the state bucket, and restore the object's former version",
    );
  }
  await rename(beside, place);
}

/** @returns undefined when nothing is there; `other` when it is no file */
async function contentAt(place: string): Promise<string | undefined> {
  try {
    return (await lstat(place)).isFile() ? await hashOf(place) : "other";
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
