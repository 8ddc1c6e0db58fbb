import { SYSTEM_NAME } from "../../contracts/names";
import type { GenerationRef } from "../../contracts/batch";
import type { StackOutputs } from "../../contracts/stack-outputs";
import { emptyBucket } from "../../core/teardown/empty-bucket";
import { endBatches, openGenerations } from "../../core/teardown/end-batches";
import { surveyStack, type StackSurvey } from "../../core/teardown/survey-stack";
import { type CommandContext, connectToTarget, printJson } from "../context";
import { RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption } from "../../../../kit/cli/options";
import { renderDestruction } from "../render/destroy";
import { plural } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";
import type { Services } from "../services";
import { STACK_OUTPUTS_VARIABLE } from "../../../../kit/cli/target";
import type { DeployedStack } from "../../../../kit/cli/terraform/deployments";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";

interface DestroyOptions {
  readonly yes?: string;
  readonly dryRun?: true;
  readonly json?: true;
  readonly stackOutputs?: string;
}

export function addDestroy(program: Verb, context: CommandContext): void {
  program
    .command("destroy")
    .addOption(new ValueOption("--yes <stack>", "don't ask: this stack, by its name, is to go", "batch-dev"))
    .option("--dry-run", "only say what would go")
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples(
      [
        ["npx filemill destroy --stack-outputs outputs.json --dry-run", "what would go"],
        ["npx filemill destroy --stack-outputs outputs.json", "asks for the stack's name, then deletes"],
        ["npx filemill destroy --stack-outputs outputs.json --yes batch-dev", "for scripts"],
      ],
      "Only buckets that the stack made are emptied, with all that was uploaded into them; buckets that batches only read are never touched. It needs Terraform and the state of the deployment. A local stack goes with `npx filemill local down`.",
    )
    .action((options: DestroyOptions) => destroy(context, options));
}

async function destroy(context: CommandContext, options: DestroyOptions): Promise<void> {
  refuseUnasked(context, options);
  const services = await connectToTarget(context, options.stackOutputs);
  if (options.dryRun !== true) context.deployments.check();
  const { open, survey } = await look(context, services);
  const told = renderDestruction(survey, open, tableColumns(context.terminal));
  if (options.dryRun === true) {
    if (options.json === true) printJson(context.terminal, documentOf(survey, open, { destroyed: false }));
    else context.terminal.stdout.print(told);
    return;
  }
  context.reporter.finish();
  context.terminal.stderr.print(told);
  refuseProtected(survey);
  const deployed = await openState(context, services.outputs, survey);
  await confirm(context, options, survey);
  await takeDown(context, services, { deployed, open, survey });
  if (options.json === true) printJson(context.terminal, documentOf(survey, open, { destroyed: true }));
  else context.terminal.stdout.print(`${printable(survey.stack)} destroyed\n`);
}

/** @throws UsageError before anything is asked of AWS */
function refuseUnasked({ ask, environment }: CommandContext, { dryRun, stackOutputs, yes }: DestroyOptions): void {
  if (stackOutputs === undefined && (environment[STACK_OUTPUTS_VARIABLE] ?? "") === "") {
    throw new UsageError(
      "no deployed stack was named",
      `name the file that \`terraform output -json\` wrote with --stack-outputs or ${STACK_OUTPUTS_VARIABLE}; a local stack goes with \`npx filemill local down\``,
    );
  }
  if (dryRun === true || yes !== undefined || ask !== undefined) return;
  throw new UsageError(
    "nobody can be asked for the stack's name: standard input is no terminal; nothing was deleted",
    "see with --dry-run what would go and what the stack is called, then give its name with --yes STACK",
  );
}

async function look(
  { reporter, signal }: CommandContext,
  { ledger, outputs, storage }: Services,
): Promise<{ readonly survey: StackSurvey; readonly open: readonly GenerationRef[] }> {
  reporter.wait("counting what the buckets hold");
  const survey = await surveyStack(storage, outputs, signal);
  // gone when an earlier try destroyed it
  const hasLedger = survey.tables.some(({ name }) => name === outputs.ledger_table);
  return { survey, open: hasLedger ? await openGenerations(ledger) : [] };
}

/** @throws UsageError */
function refuseProtected({ environment, tables }: StackSurvey): void {
  const kept = tables.filter(({ isProtected }) => isProtected).map(({ name }) => name);
  if (kept.length === 0) return;
  throw new UsageError(
    `${kept.join(" and ")} ${kept.length === 1 ? "is" : "are"} protected against deletion (protectData); nothing was deleted`,
    `if it is really to go, set protectData to false in config/${environment}.ts, deploy that, and run it again`,
  );
}

/** The state must be this stack's: what it names is what Terraform destroys. @throws RunFailedError */
async function openState(
  { deployments, reporter, signal }: CommandContext,
  { region, state_bucket }: StackOutputs,
  { environment, owner, stack }: StackSurvey,
): Promise<DeployedStack> {
  reporter.step("opening Terraform's state");
  const deployed = await deployments.open({ system: SYSTEM_NAME, environment, owner, region }, signal);
  reporter.finish();
  const known = stateBucketIn(deployed.outputs);
  if (known === state_bucket) return deployed;
  throw new RunFailedError(
    known === undefined
      ? `Terraform's state knows no ${stack}; nothing was deleted`
      : `Terraform's state of ${stack} is another stack's, with the bucket '${known}' and not '${state_bucket}'; nothing was deleted`,
    `run it where the deployment was made (its state is terraform.${stack}.tfstate in the project), or set FILEMILL_TERRAFORM_STATE_BUCKET as it was then`,
  );
}

/** Of `terraform output -json`, which is `{}` for an empty state. */
function stateBucketIn(outputs: unknown): string | undefined {
  if (typeof outputs !== "object" || outputs === null || !("state_bucket" in outputs)) return undefined;
  const { state_bucket: output } = outputs;
  return typeof output === "object" && output !== null && "value" in output && typeof output.value === "string" ? output.value : undefined;
}

/** @throws UsageError unless the stack's name was given */
async function confirm({ ask, signal }: CommandContext, { yes }: DestroyOptions, { stack }: StackSurvey): Promise<void> {
  const given = yes ?? (await ask?.(`type the stack's name to delete all of this for good (${printable(stack)}): `, signal)) ?? "";
  if (given === stack) return;
  throw new UsageError(
    `${given === "" ? "no name was given" : `'${printable(given)}' was given`}, and the stack is ${stack}; nothing was deleted`,
    `if it is really to go, give its name: ${stack}`,
  );
}

interface TakeDown {
  readonly survey: StackSurvey;
  readonly open: readonly GenerationRef[];
  readonly deployed: DeployedStack;
}

async function takeDown({ reporter, signal }: CommandContext, services: Services, { deployed, open, survey }: TakeDown): Promise<void> {
  if (open.length > 0) {
    reporter.step("ending open batches");
    await endBatches({ ...services, stateBucket: services.outputs.state_bucket, log: () => undefined }, open, {
      signal,
      onEnded: (ended) => {
        reporter.advance("ended", ended, open.length, "batches");
      },
    });
  }
  for (const { name, versions } of survey.buckets) {
    reporter.step(`emptying ${printable(name)}`);
    const removed = await emptyBucket(services.storage, name, {
      signal,
      onRemoved: (done) => {
        reporter.advance(`emptying ${printable(name)}`, Math.min(done, versions), versions, "versions");
      },
    });
    reporter.say(`${printable(name)}: ${plural(removed, "version")} removed`);
  }
  reporter.step(`destroying ${printable(survey.stack)}`);
  await deployed.destroy((line) => {
    reporter.say(printable(line));
  }, signal);
  await checkGone(services, survey);
}

/** Terraform destroys what its state knows, and says nothing of the rest. @throws RunFailedError */
async function checkGone({ storage }: Services, { buckets, stack }: StackSurvey): Promise<void> {
  const looked = await Promise.all(buckets.map(async ({ name }) => ({ name, tags: await storage.tagsOf(name) })));
  const left = looked.flatMap(({ name, tags }) => (tags === undefined ? [] : [name]));
  if (left.length === 0) return;
  throw new RunFailedError(
    `Terraform ended well, but ${left.join(", ")} of ${stack} ${left.length === 1 ? "is" : "are"} still there, emptied`,
    "Terraform's state does not know them any more: remove them with `aws s3 rb s3://BUCKET`",
  );
}

const documentOf = (
  { buckets, foreignBuckets, stack, tables }: StackSurvey,
  open: readonly GenerationRef[],
  { destroyed }: { readonly destroyed: boolean },
): object => ({ stack, destroyed, buckets, tables, openBatches: open.map(({ batchId }) => batchId), untouchedBuckets: foreignBuckets });
