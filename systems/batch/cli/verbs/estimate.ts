import { UsageError } from "../../../../kit/cli/command-errors";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption, wholeNumber } from "../../../../kit/cli/options";
import { byteSize, plural } from "../../../../kit/cli/render/numbers";
import { STACK_OUTPUTS_VARIABLE } from "../../../../kit/cli/target";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { MAXIMUM_OBJECT_BYTES } from "../../../../kit/lib/service-limits";
import { isNamedGzip } from "../../../../workloads/text/content-kind";
import { ChunkTally, totalsOfEqualFiles } from "../../core/planning/chunk-tally";
import type { Subject } from "../../core/forecast/batches";
import { forecast } from "../../core/forecast/forecast";
import type { EnvironmentOf, EnvironmentTerms } from "../../core/forecast/terms";
import { listedSources } from "../../core/sources/listed-sources";
import { type CommandContext, connectToTarget, printJson } from "../context";
import { deadlineAt, parseDeadline, type Deadline } from "../deadline";
import { DEFAULT_OUT } from "../inputs/default-excludes";
import { givenInputs, hasNone, textsOf, type GivenInputs } from "../inputs/given-inputs";
import { filterOf, withInputOptions, type InputOptions } from "../inputs/input-options";
import { lookAtPaths } from "../inputs/look-at-paths";
import { s3AddressesOf, sourcesOf } from "../inputs/objects";
import { pricesOf, pricesOption } from "../inputs/price-file";
import { forecastDocument, renderForecast } from "../render/forecast";
import { checkPriced, environmentFor, quotasFor, withEnvironmentOption, type GivenQuotas } from "../run/forecast-terms";
import type { Services } from "../services";
import { parseBytes } from "../sizes";

interface EstimateOptions extends InputOptions, GivenQuotas {
  readonly bytes?: number;
  readonly files?: number;
  readonly rate?: number;
  readonly deadline?: Deadline;
  readonly environment?: string;
  readonly prices?: string;
  readonly json?: true;
  readonly stackOutputs?: string;
}

/** More than S3 holds in any account. */
const MOST_FILES = 999_999_999;
const MOST_QUOTA = 1_000_000;

/** @param environmentOf gives the environment that is reckoned with @param environments names that there are */
export const addEstimate =
  (environmentOf: EnvironmentOf, environments: readonly string[]) =>
  (program: Verb, context: CommandContext): void => {
    const quota = (flags: string, text: string, example: string): ValueOption =>
      new ValueOption(flags, `${text} (default: the account's where a deployed stack is named, else AWS's default)`, example);
    const command = program
      .command("estimate")
      .argument("[source...]", "folders and files, or s3:// addresses; none with --bytes and --files");
    const whose = "whose limits are reckoned with (default: $FILEMILL_ENVIRONMENT, else dev)";
    withEnvironmentOption(withInputOptions(command), whose, environments)
      .addOption(new ValueOption("--bytes <size>", "instead of a source: all files together", "100TB").argParser(parseBytes))
      .addOption(
        new ValueOption("--files <n>", "with --bytes: how many, all of one size", "100000000").argParser(wholeNumber(1, MOST_FILES)),
      )
      .addOption(
        new ValueOption(
          "--deadline <time>",
          "whether it is met, and what it would take: a duration or a time with its zone",
          "2h",
        ).argParser(parseDeadline),
      )
      .addOption(
        new ValueOption("--rate <size>", "what a slot works through in a second (default: the environment's)", "20MB").argParser(
          parseBytes,
        ),
      )
      .addOption(quota("--spot-vcpus <n>", "vCPUs of spot instances that the account may run", "256").argParser(wholeNumber(0, MOST_QUOTA)))
      .addOption(quota("--on-demand-vcpus <n>", "the same on demand", "64").argParser(wholeNumber(0, MOST_QUOTA)))
      .addOption(
        quota("--lambda-concurrency <n>", "invocations at a time that the account may have", "1000").argParser(wholeNumber(0, MOST_QUOTA)),
      )
      .addOption(
        new ValueOption("--spark-vcpus <n>", "vCPUs of EMR Serverless (default: AWS's default)", "400").argParser(
          wholeNumber(0, MOST_QUOTA),
        ),
      )
      .addOption(pricesOption())
      .addOption(jsonOption())
      .addOption(stackOutputsOption())
      .withExamples([
        ["npx filemill estimate texts/", "files of this machine"],
        ["npx filemill estimate --bytes 100TB --files 100000000", "files that are only thought of"],
        ["npx filemill estimate --bytes 5TB --files 5000000 --deadline 2h --environment prod"],
        ["npx filemill estimate s3://my-bucket/2026/ --stack-outputs outputs.json", "with the account's own quotas"],
        ["npx filemill estimate texts/ --prices frankfurt.json --json"],
      ])
      .action((sources: string[], options: EstimateOptions) => estimate(context, environmentOf, sources, options));
  };

async function estimate(
  context: CommandContext,
  environmentOf: EnvironmentOf,
  sources: readonly string[],
  options: EstimateOptions,
): Promise<void> {
  const given = await givenInputs(context, sources, options);
  const thought = thoughtOf(options, given);
  const addresses = thought === undefined ? s3AddressesOf(textsOf(given)) : undefined;
  const deadlineSeconds = secondsLeft(options.deadline, context.clock.now());
  const prices = await pricesOf(context, options.prices);
  const isNamed = options.stackOutputs !== undefined || context.environment[STACK_OUTPUTS_VARIABLE] !== undefined;
  const services = addresses !== undefined || isNamed ? await connectToTarget(context, options.stackOutputs) : undefined;
  const deployed = services?.doctor.emulator === false ? services : undefined;
  const environment = withRate(
    await environmentFor(environmentOf, context.environment, options.environment, deployed?.outputs),
    options.rate,
  );
  checkPriced(prices, environment);
  context.reporter.wait("looking at the input");
  const subject =
    thought === undefined
      ? await foundSubject(context, given, addresses === undefined ? undefined : services, options, environment)
      : equalFiles(thought, environment);
  const quotas = await quotasFor(options, deployed?.doctor);
  const result = forecast({ subject, environment, quotas, prices, ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }) });
  if (options.json === true) printJson(context.terminal, forecastDocument(result, deadlineSeconds));
  else context.terminal.stdout.print(renderForecast(result, deadlineSeconds, tableColumns(context.terminal)));
}

/** Files that are only thought of. @throws UsageError */
function thoughtOf({ bytes, files }: EstimateOptions, given: GivenInputs): { bytes: number; files: number } | undefined {
  if (bytes === undefined && files === undefined) {
    if (!hasNone(given)) return undefined;
    throw new UsageError("nothing to estimate", "give a folder, an s3:// address, or --bytes and --files");
  }
  if (!hasNone(given)) throw new UsageError("--bytes and --files stand in the place of a source, and there is one", "give either");
  if (bytes === undefined || files === undefined) {
    throw new UsageError(
      bytes === undefined ? "--files without --bytes" : "--bytes without --files: many small files cost more than a few large ones",
      "give both: --bytes 100TB --files 100000000",
    );
  }
  if (bytes / files > MAXIMUM_OBJECT_BYTES) {
    throw new UsageError(
      `${byteSize(bytes)} in ${plural(files, "file")} is more than an object of S3 holds (${byteSize(MAXIMUM_OBJECT_BYTES)})`,
      "give more files",
    );
  }
  return { bytes, files };
}

function secondsLeft(deadline: Deadline | undefined, now: number): number | undefined {
  return deadline === undefined ? undefined : (Date.parse(deadlineAt(deadline, now)) - now) / 1_000;
}

const withRate = (terms: EnvironmentTerms, rate: number | undefined): EnvironmentTerms =>
  rate === undefined ? terms : { ...terms, limits: { ...terms.limits, bytesPerSlotSecond: rate } };

function equalFiles({ bytes, files }: { bytes: number; files: number }, { writing }: EnvironmentTerms): Subject {
  return { files, bytes, ...totalsOfEqualFiles(files, Math.ceil(bytes / files), writing, writing.splitBytes) };
}

/** What a listing tells of the files: their sizes, and by their names whether they can be cut. */
async function foundSubject(
  context: CommandContext,
  given: GivenInputs,
  services: Services | undefined,
  options: EstimateOptions,
  { writing }: EnvironmentTerms,
): Promise<Subject> {
  const tally = new ChunkTally(writing);
  const sums = { files: 0, bytes: 0 };
  const add = (name: string, bytes: number): void => {
    tally.addFile(bytes, isNamedGzip(name) ? Number.POSITIVE_INFINITY : writing.splitBytes);
    sums.files += 1;
    sums.bytes += bytes;
  };
  if (services === undefined) {
    for (const { name, size } of await lookAtPaths(context, given, { ...options, out: DEFAULT_OUT })) add(name, size);
  } else {
    const filter = filterOf(options);
    const sources = await sourcesOf(services, s3AddressesOf(textsOf(given)) ?? [], filter);
    for await (const { name, object } of listedSources(services.objects, sources, filter)) {
      context.signal.throwIfAborted();
      add(name, object.size);
    }
  }
  tally.close();
  return { ...sums, ...tally.totals };
}
