import { UsageError } from "../../../../kit/cli/command-errors";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption } from "../../../../kit/cli/options";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { TAG_KEYS } from "../../../../kit/lib/stack-marks";
import { BatchStateError } from "../../core/stored-batch/errors";
import { onDemandOf } from "../../core/forecast/fleet-forecast";
import type { EnvironmentOf, EnvironmentTerms } from "../../core/forecast/terms";
import { batchCosts, secondsTaken } from "../../core/pricing/batch-costs";
import { workDone } from "../../core/ledger/work-done";
import { checkBatchReference, findBatch } from "../batch-reference";
import { type CommandContext, connectToTarget, printJson } from "../context";
import { pricesOf, pricesOption } from "../inputs/price-file";
import { BATCH_ARGUMENT, generationOption } from "../options";
import { costsDocument, renderCosts, type CostsReport } from "../render/costs";
import { checkPriced, environmentFor, withEnvironmentOption } from "../run/forecast-terms";
import { chosenGeneration } from "../run/reported-result";
import type { Services } from "../services";

interface CostsOptions {
  readonly generation?: number;
  readonly environment?: string;
  readonly prices?: string;
  readonly json?: true;
  readonly stackOutputs?: string;
}

/** @param environmentOf gives the environment whose workers are priced @param environments names that there are */
export const addCosts =
  (environmentOf: EnvironmentOf, environments: readonly string[]) =>
  (program: Verb, context: CommandContext): void => {
    const command = program.command("costs").argument("<batch>", BATCH_ARGUMENT).addOption(generationOption());
    withEnvironmentOption(command, "whose workers are priced (default: the stack's own)", environments)
      .addOption(pricesOption())
      .addOption(jsonOption())
      .addOption(stackOutputsOption())
      .withExamples(
        [
          ["npx filemill costs latest"],
          ["npx filemill costs latest --generation 1", "before a resume"],
          ["npx filemill costs 01JD3Z0T2V5Y8W4KQ6R7M9N1PX --prices frankfurt.json --json"],
        ],
        "By list prices, from what the ledger holds; no invoice. A batch on this machine costs nothing: it is what the same work would on AWS.",
      )
      .action((given: string, options: CostsOptions) => costs(context, environmentOf, given, options));
  };

async function costs(context: CommandContext, environmentOf: EnvironmentOf, given: string, options: CostsOptions): Promise<void> {
  checkBatchReference(given);
  const prices = await pricesOf(context, options.prices);
  const services = await connectToTarget(context, options.stackOutputs);
  const batch = await findBatch(services.ledger, given);
  const ref = { batchId: batch.batchId, generation: chosenGeneration(batch, options.generation) };
  const generation = await services.ledger.getGeneration(ref);
  if (generation === undefined) throw new BatchStateError(`the ledger has no generation ${ref.generation} of batch ${ref.batchId}`);
  const { plan } = generation;
  if (plan === undefined) {
    throw new UsageError(
      `generation ${ref.generation} of batch ${ref.batchId} has no plan, so nothing of it was worked on`,
      `\`npx filemill status ${ref.batchId}\` shows where it stands`,
    );
  }
  const name = options.environment ?? (await environmentName(services));
  const environment = await environmentFor(environmentOf, context.environment, name, undefined);
  checkPriced(prices, environment);
  context.reporter.wait("reading the ledger");
  const done = await workDone(services.ledger, generation, plan.chunkCount);
  const seconds = secondsTaken(generation);
  const report: CostsReport = {
    ref,
    plan,
    done,
    costs: batchCosts(plan, done, workerTermsOf(environment), prices),
    isOver: generation.completionSentAt !== undefined,
    isLocal: services.doctor.emulator,
    instanceType: environment.instanceType,
    prices,
    ...(seconds === undefined ? {} : { seconds }),
  };
  if (options.json === true) printJson(context.terminal, costsDocument(report));
  else context.terminal.stdout.print(renderCosts(report, tableColumns(context.terminal)));
}

/** As the stack's own tags say; a stack on this machine has none. */
async function environmentName({ doctor, outputs, storage }: Services): Promise<string | undefined> {
  return doctor.emulator ? "local" : (await storage.tagsOf(outputs.state_bucket))?.[TAG_KEYS.environment];
}

/** The share that the whole fleet would have. */
const workerTermsOf = (environment: EnvironmentTerms) => ({
  slotsPerWorker: environment.limits.slotsPerWorker,
  instanceType: environment.instanceType,
  onDemandShare: onDemandOf(environment.limits.maximumWorkers, environment) / environment.limits.maximumWorkers,
});
