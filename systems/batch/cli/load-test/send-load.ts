import { WORD_COUNT_METADATA } from "../../../../workloads/word-count/workload";
import type { WordCountOptions } from "../../../../workloads/word-count/options";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { seededIntegers } from "../../../../kit/lib/seeded-random";
import { OBJECT_METADATA } from "../../contracts/names";
import { uploadRunPrefix } from "../../contracts/state-keys";
import { forEachOpened } from "../../core/submission/opened-files";
import { putSourceFile } from "../../core/submission/put-source-file";
import type { SourceFile } from "../../core/submission/submission";
import type { Services } from "../services";
import { isCopied } from "./the-load";

/** As many as the AWS CLI has under way. https://docs.aws.amazon.com/cli/latest/topic/s3-config.html#max-concurrent-requests */
const COPIES_AT_A_TIME = 10;
/** The copies' order, which is no order of names (requirement S1.75). */
const ORDER_SEED = 61;
/** The second copy of a file comes this many copies after its first (requirement S1.74: four lines later, in the published log). */
const REPEATED_AFTER = 4;
/** The object that lay beside the texts in the published run (requirement S1.32). */
const PACKAGE_NAME = "lsde-wordfreq-app.zip";
/** A ZIP archive without members: its end record alone. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.16) */
const EMPTY_ZIP = Uint8Array.from([0x50, 0x4b, 5, 6, ...new Array<number>(18).fill(0)]);

type Parts = Pick<Services, "objects" | "outputs">;

export interface SentFile extends SourceFile {
  /** In both buckets. */
  readonly key: string;
}

/** Puts the load into the uploading bucket, and the package beside it. Nobody is told of what comes there. */
export async function uploadLoad(
  { objects, outputs }: Parts,
  runId: string,
  files: readonly SourceFile[],
  options: WordCountOptions,
  { onUploaded, signal }: { readonly onUploaded: (done: number) => void; readonly signal: AbortSignal },
): Promise<SentFile[]> {
  const prefix = uploadRunPrefix(runId);
  // it travels with the copies: how a file is to be counted, and whose it is
  const metadata = {
    [WORD_COUNT_METADATA.minimumWordLength]: String(options.minimumWordLength),
    [WORD_COUNT_METADATA.top]: String(options.top),
    [WORD_COUNT_METADATA.encoding]: options.encoding,
    [OBJECT_METADATA.run]: runId,
  };
  let done = 0;
  await forEachOpened(
    files,
    async (opened) => {
      await putSourceFile(objects, { bucket: outputs.uploading_bucket, key: prefix + opened.file.name }, opened, metadata);
      done += 1;
      onUploaded(done);
    },
    signal,
  );
  await objects.put(outputs.uploading_bucket, prefix + PACKAGE_NAME, EMPTY_ZIP);
  return files.map((file) => ({ ...file, key: prefix + file.name }));
}

/** What is copied, in order, and what the filter leaves. */
export interface CopyPlan {
  readonly keys: readonly string[];
  readonly leftOut: readonly string[];
  readonly twice: string;
}

/** Lists what is in the uploading bucket, as somebody who copies with a filter does, and shuffles it. One object is copied twice. */
export async function planCopies({ objects, outputs }: Parts, runId: string): Promise<CopyPlan> {
  const [copied, leftOut]: [string[], string[]] = [[], []];
  for await (const { key } of objects.list(outputs.uploading_bucket, uploadRunPrefix(runId))) (isCopied(key) ? copied : leftOut).push(key);
  const keys = shuffled(copied);
  const [twice = ""] = keys;
  keys.splice(Math.min(REPEATED_AFTER, keys.length), 0, twice);
  return { keys, leftOut, twice };
}

/** Copies from bucket to bucket, within S3: each copy is announced to the jobs queue. */
export async function copyLoad({ objects, outputs }: Parts, { keys }: CopyPlan, signal: AbortSignal): Promise<void> {
  await forEachConcurrently(
    keys,
    COPIES_AT_A_TIME,
    (key) => objects.copy({ bucket: outputs.uploading_bucket, key }, { bucket: outputs.processing_bucket, key }, { signal }),
    signal,
  );
}

/** Fisher and Yates: every order is as likely. */
function shuffled(keys: readonly string[]): string[] {
  const next = seededIntegers(ORDER_SEED);
  const order = [...keys];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = (next() >>> 0) % (at + 1);
    [order[at], order[other]] = [order[other] ?? "", order[at] ?? ""];
  }
  return order;
}
