import { lookAtWorkload } from "../workload/look-at-workload";
import { storeWorkload } from "../workload/store-workload";
import { addressOf } from "../../core/sources/batch-sources";
import { entriesOf, type SourceFile, type SubmissionSource, type UploadSource } from "../../core/submission/submission";
import { type CommandContext, connectToTarget, printJson } from "../context";
import { MAXIMUM_REQUEST_ID_CHARACTERS } from "../batch-reference";
import { UsageError } from "../../../../kit/cli/command-errors";
import { givenInputs, hasNone, textsOf } from "../inputs/given-inputs";
import { filterOf, withInputOptions, type InputOptions } from "../inputs/input-options";
import { lookAtObjects } from "../inputs/look-at-objects";
import { lookAtPaths } from "../inputs/look-at-paths";
import { tellArchivesInS3 } from "../inputs/tell-inputs";
import { s3AddressesOf, sourcesOf, type S3Address } from "../inputs/objects";
import { filesSince } from "../inputs/since-batch";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import { stackOutputsOption } from "../../../../kit/cli/options";
import {
  boundsOf,
  checkWorkOptions,
  withBoundOptions,
  withOutputOptions,
  withWorkOptions,
  wordCountOptionsOf,
  type BoundOptions,
  type OutputOptions,
  type WorkOptions,
} from "../options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { checkOutputFolder } from "../../../../kit/cli/output/output-folder";
import { readFiles } from "../run/batch-run";
import { tellAtWork } from "../run/next-steps";
import { deliver, tellWaysOut } from "../run/deliver";
import { startUpload } from "../run/upload-run";

import { tellUpload, uploadToEnd } from "../run/single-files";
import { startTelling } from "../run/start-telling";
import { warnOfDisk } from "../run/warn-of-disk";
import { watchBatchToEnd } from "../run/watching";
import type { Services } from "../services";
import { checkTemporaryFolder } from "../../../../kit/cli/temporary-folder";

interface SubmitOptions extends InputOptions, WorkOptions, BoundOptions, OutputOptions {
  readonly requestId?: string;
  readonly watch?: true;
  readonly changedSince?: string;
  readonly stackOutputs?: string;
}

export function addSubmit(program: Verb, context: CommandContext): void {
  const command = program.command("submit").argument("[source...]", `${SOURCE}; none is needed with --files-from`);
  withOutputOptions(withBoundOptions(withWorkOptions(withInputOptions(command))))
    .addOption(
      new ValueOption(
        "--request-id <id>",
        `your own id of this submission, 1 to ${MAXIMUM_REQUEST_ID_CHARACTERS} characters; submitting it again gives the same batch`,
        "nightly-0421",
      ),
    )
    .addOption(
      new ValueOption(
        "--changed-since <batch>",
        "only files that are new or changed against that batch's, by name and content; exit code 0 and no batch when nothing is",
        "nightly-0420",
      ),
    )
    .option("--watch", "wait for the result and write it to --out")
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill submit texts/ --watch", "wait for the result"],
      ["npx filemill submit a/ b/ --exclude '*.log'", "several folders, without some files"],
      ["find . -newer last.txt -print0 | npx filemill submit --files-from -", "what another program found"],
      ["npx filemill submit s3://my-bucket/2026/ --route lambda", "objects of a bucket that the stack may read"],
      ["npx filemill submit texts/ --request-id nightly-0421", "again with this id: the same batch, not another one"],
      ["npx filemill submit scans/ --exec 'python3 count.py {in} {out}'", "a program of yours on each file"],
      ["npx filemill submit texts/ --changed-since nightly-0420", "what is new or changed since that batch"],
      ["npx filemill submit texts/ --deadline 2h --budget 5", "stopped in order after 2 hours, or at 5 US dollars"],
      ["npx filemill submit notes.txt --via upload --watch", "one event a file instead of a batch"],
      ["npx filemill submit s3://other-bucket/2026/ --via upload", "copied from bucket to bucket, with your own permissions"],
    ])
    .action((sources: string[], options: SubmitOptions) => submit(context, sources, options));
}

async function submit(context: CommandContext, arguments_: readonly string[], options: SubmitOptions): Promise<void> {
  const given = await givenInputs(context, arguments_, options);
  if (hasNone(given)) throw noSource();
  const addresses = s3AddressesOf(textsOf(given));
  checkSubmitOptions(addresses, options, context.clock.now());
  context.reporter.wait("looking at the input");
  const workload = await lookAtWorkload(context, options);
  const files = addresses === undefined ? await lookAtPaths(context, given, options) : [];
  if (options.watch === true) {
    await checkOutputFolder(resolveFrom(context.workingDirectory, options.out));
    if (options.via === "upload") await checkTemporaryFolder(context);
  }
  const services = await connectToTarget(context, options.stackOutputs);
  if (options.via === "upload") {
    const uploaded = await uploadSourceOf(context, services, addresses, files, options);
    if (services.doctor.emulator) await warnOfDisk(context, entriesOf(uploaded));
    const run = await startUpload(services, uploaded, wordCountOptionsOf(options), context.reporter, context.signal);
    if (options.watch === true) {
      await deliver(context, await uploadToEnd(context, services, run, options), options);
    } else tellUpload(context, services, run.runId, options);
    return;
  }
  if (services.doctor.emulator) await warnOfDisk(context, files);
  const source =
    addresses === undefined
      ? await filesAsSource(context, services, files, options)
      : await objectsAsSource(context, services, addresses, options);
  if (source.kind === "files" && source.files.length === 0) {
    context.reporter.say("nothing has changed: there is nothing to submit");
    if (options.json === true) printJson(context.terminal, { batchId: null, generation: null, requestId: null });
    return;
  }
  const batch = await startTelling(
    services,
    {
      source,
      workload: await storeWorkload(services, workload),
      requestedRoute: options.route,
      ...boundsOf(options, services.clock.now()),
      ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
    },
    context,
  );
  if (options.watch === true) {
    const run = await watchBatchToEnd(context, services, batch, batch.latestGeneration);
    await deliver(context, run, options);
    tellWaysOut(context, run.document, batch);
    return;
  }
  if (options.json === true) {
    printJson(context.terminal, { batchId: batch.batchId, generation: batch.latestGeneration, requestId: batch.requestId });
  } else context.terminal.stdout.print(`${batch.batchId}\n`);
  tellAtWork(context, batch.batchId);
}

const uploadSourceOf = async (
  context: CommandContext,
  services: Services,
  addresses: readonly S3Address[] | undefined,
  files: readonly SourceFile[],
  options: SubmitOptions,
): Promise<UploadSource> =>
  addresses === undefined
    ? { kind: "files", files }
    : { kind: "objects", objects: await lookAtObjects(context, services, addresses, options) };

async function filesAsSource(
  context: CommandContext,
  services: Services,
  found: readonly SourceFile[],
  options: SubmitOptions,
): Promise<SubmissionSource> {
  const { outputs } = services;
  const all = await readFiles(context, found, options);
  const files = options.changedSince === undefined ? all : await filesSince(context, services, options.changedSince, all);
  return { kind: "files", files, uploadingBucket: outputs.uploading_bucket, stateBucket: outputs.state_bucket };
}

async function objectsAsSource(
  { reporter }: CommandContext,
  { objects, outputs }: Services,
  addresses: readonly S3Address[],
  options: SubmitOptions,
): Promise<SubmissionSource> {
  const filter = filterOf(options);
  const sources = await sourcesOf({ objects, allowed: outputs.source_buckets }, addresses, filter);
  tellArchivesInS3(reporter, sources.map(addressOf));
  return { kind: "objects", sources, ...(filter === undefined ? {} : { filter }) };
}

const SOURCE = "folders and files; or s3://BUCKET/PREFIX/ and s3://BUCKET/KEY";
const noSource = (): UsageError =>
  new UsageError(
    "missing required argument 'source'",
    `give SOURCE, ${SOURCE}; or a list with --files-from; for example \`npx filemill submit texts/ --watch\``,
  );

/** @throws UsageError */
function checkSubmitOptions(addresses: readonly S3Address[] | undefined, options: SubmitOptions, now: number): void {
  checkWorkOptions(options, now);
  if (options.requestId !== undefined && (options.requestId === "" || options.requestId.length > MAXIMUM_REQUEST_ID_CHARACTERS)) {
    throw new UsageError(
      `--request-id has ${options.requestId.length} characters; 1 to ${MAXIMUM_REQUEST_ID_CHARACTERS} are possible`,
      `give a shorter one, for example --request-id nightly-0421`,
    );
  }
  if (addresses !== undefined && !options.defaultExcludes) {
    throw new UsageError(
      "--no-default-excludes with s3://: it is about files of this machine",
      "leave it out: no object is left out by default",
    );
  }
  if (addresses !== undefined && options.skipUnreadable === true && options.via === "batch") {
    throw new UsageError(
      "--skip-unreadable with s3://: a batch reads objects where they are, and nothing is left out beforehand",
      "leave it out; objects that can't be read are quarantined, each with its reason",
    );
  }
  if (options.changedSince !== undefined && (addresses !== undefined || options.via === "upload")) {
    throw new UsageError(
      `--changed-since with ${addresses === undefined ? "--via upload" : "s3://"}: only the files of a batch that come from this machine have a content to compare`,
      "leave it out, or give files of this machine in a batch",
    );
  }
  if (options.via === "batch") return;
  if (options.requestId !== undefined) {
    throw new UsageError(
      "--request-id with --via upload: a run of single files has no batch that could be the same",
      "leave it out, or take --via batch",
    );
  }
}
