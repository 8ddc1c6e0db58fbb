import { leftTables, removeTable, type LeftTable } from "../../core/drills/side-tables";
import { planRestore, runRestore, type RestorePlan, type RestoreReport } from "../../core/drills/restore-drill";
import { connectToTarget, printJson, type CommandContext } from "../context";
import { RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import { EXIT } from "../../../../kit/cli/exit-codes";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption, wholeNumber } from "../../../../kit/cli/options";
import { sayingTo } from "../../../../kit/cli/render/reporter";
import { checkTemporaryFolder, withCommandFolder } from "../../../../kit/cli/temporary-folder";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { renderRestorePlan, renderRestoreReport } from "../render/drill";
import type { Services } from "../services";

interface RestoreOptions {
  readonly batches: number;
  readonly dryRun?: true;
  readonly removeLeft?: true;
  readonly yes?: true;
  readonly json?: true;
  readonly stackOutputs?: string;
}

/** Of the newest: what a table lost would be missed in any of them. */
const BATCHES = 10;
const MAXIMUM_BATCHES = 1_000;
/** What counting again may take; more goes to disk. */
const MEMORY_BYTES = 64 * 1_048_576;

export function addDrillRestore(drill: Verb, context: CommandContext): void {
  drill
    .command("restore")
    .description("restore both tables to side tables, hold them against the receipts of finished batches, remove them")
    .addOption(
      new ValueOption("--batches <n>", "check this many of the newest finished batches", "100")
        .argParser(wholeNumber(1, MAXIMUM_BATCHES))
        .default(BATCHES),
    )
    .option("--dry-run", "only say what would be restored, and for how much")
    .option("--yes", "don't ask: a restore costs money")
    .option("--remove-left", "remove side tables that killed drills left, instead of restoring")
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples(
      [
        ["npx filemill drill restore --dry-run", "what it would restore, and for how much"],
        ["npx filemill drill restore --stack-outputs outputs.json"],
        ["npx filemill drill restore --stack-outputs outputs.json --yes", "for scripts"],
      ],
      "It never touches the stack's own tables: DynamoDB restores to new ones, which are removed however it ends. It works with your own credentials.",
    )
    .action((options: RestoreOptions) => restore(context, options));
}

async function restore(context: CommandContext, options: RestoreOptions): Promise<void> {
  if (options.removeLeft === true && options.dryRun === true)
    throw new UsageError("--remove-left with --dry-run: one of them does nothing", "leave one of them out");
  await checkTemporaryFolder(context);
  const services = await connectToTarget(context, options.stackOutputs);
  const left = await lookForLeft(context, services);
  if (options.removeLeft === true) await removeLeft(context, services, left, options);
  else await drill(context, services, left, options);
}

async function lookForLeft({ reporter }: CommandContext, { outputs, recovery }: Services): Promise<LeftTable[]> {
  reporter.wait("looking for side tables of earlier drills");
  return leftTables(recovery.tables, [outputs.results_table, outputs.ledger_table]);
}

async function drill(context: CommandContext, services: Services, left: readonly LeftTable[], options: RestoreOptions): Promise<void> {
  const { reporter, terminal } = context;
  const { clock, doctor, ledger, outputs, recovery } = services;
  const plan = await planRestore({ recovery: recovery.tables, ledger, clock }, outputs, options.batches);
  if (options.dryRun === true) {
    if (options.json === true) printJson(terminal, { restored: false, ...planDocument(plan, left), emulator: doctor.emulator });
    else terminal.stdout.print(renderRestorePlan(plan, left, doctor.emulator));
    return;
  }
  reporter.finish();
  terminal.stderr.print(renderRestorePlan(plan, left, doctor.emulator));
  // the emulator's tables cost nothing
  if (!doctor.emulator) await confirm(context, options, "restore them");
  const report = await withCommandFolder(context, (directory) => run(context, services, plan, directory));
  reporter.finish();
  if (options.json === true)
    printJson(terminal, { restored: true, ...planDocument(plan, left), ...reportDocument(report), emulator: doctor.emulator });
  else terminal.stdout.print(renderRestoreReport(report, tableColumns(terminal), doctor.emulator));
  context.exitWith(report.holds ? EXIT.done : EXIT.failed);
}

function run({ reporter, signal }: CommandContext, services: Services, plan: RestorePlan, directory: string): Promise<RestoreReport> {
  const { clock, ledger, newId, objects, outputs, recovery } = services;
  return runRestore(
    {
      recovery: recovery.tables,
      open: recovery.open,
      ledger,
      clock,
      newId,
      signal,
      verify: { store: objects, stateBucket: outputs.state_bucket, directory, memoryBytes: MEMORY_BYTES },
      say: sayingTo(reporter),
      step: (text) => {
        reporter.step(text);
      },
    },
    plan,
  );
}

/** @throws UsageError unless somebody said yes */
async function confirm({ ask, signal }: CommandContext, { yes }: RestoreOptions, what: string): Promise<void> {
  if (yes === true) return;
  if (ask === undefined) {
    throw new UsageError(
      "nobody can be asked: standard input is no terminal; nothing was changed",
      "look with --dry-run at what it would do, then say it again with --yes",
    );
  }
  if ((await ask(`${what}? (yes) `, signal)) === "yes") return;
  throw new UsageError("the answer was not yes; nothing was changed", "answer with yes, or say it with --yes");
}

async function removeLeft(context: CommandContext, services: Services, left: readonly LeftTable[], options: RestoreOptions): Promise<void> {
  const { reporter, terminal } = context;
  const marked = left.flatMap(({ isMarked, table }) => (isMarked ? [table] : []));
  const unmarked = left.flatMap(({ isMarked, table }) => (isMarked ? [] : [table]));
  if (marked.length > 0) {
    reporter.say(`side tables: ${marked.join(", ")}; a drill that is at work now would lose its own`);
    await confirm(context, options, "remove them");
  }
  for (const table of marked) {
    reporter.step(`removing ${table}`);
    await removeTable({ recovery: services.recovery.tables, clock: services.clock }, table, sayingTo(reporter));
  }
  if (options.json === true) printJson(terminal, { removed: marked, unmarked });
  else terminal.stdout.print(marked.length === 0 ? "no side table carries a drill's mark\n" : `removed ${marked.join(", ")}\n`);
  if (unmarked.length === 0) return;
  throw new RunFailedError(
    `${unmarked.join(", ")} ${unmarked.length === 1 ? "has" : "have"} a side table's name without its mark, and ${unmarked.length === 1 ? "is" : "are"} left alone`,
    `if it is a drill's (killed before it could mark it), remove it: \`aws dynamodb delete-table --table-name ${unmarked[0] ?? ""}\``,
  );
}

const planDocument = ({ at, batches, estimatedCostUsd, recoveryPointSeconds, sources }: RestorePlan, left: readonly LeftTable[]) => ({
  at: new Date(at).toISOString(),
  recoveryPointSeconds,
  estimatedCostUsd,
  tables: sources.map(({ bytes, role, table }) => ({ role, table, bytes })),
  batchesToCheck: batches.map(({ batch }) => batch.batchId),
  left: left.map(({ table }) => table),
});

const reportDocument = ({ batches, checkedAfterSeconds, holds, missing, restoredAfterSeconds, tables }: RestoreReport) => ({
  holds,
  restoredAfterSeconds,
  checkedAfterSeconds,
  sideTables: tables.map(({ side }) => side),
  batches,
  missing,
});
