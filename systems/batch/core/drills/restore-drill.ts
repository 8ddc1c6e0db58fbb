import type { StackOutputs } from "../../contracts/stack-outputs";
import { FixableError } from "../../../../kit/lib/fixable-error";
import { TABLE_READ, TABLE_RESTORE_GIGABYTE } from "../../../../kit/lib/prices";
import type { Clock } from "../../../../kit/ports/clock";
import type { Tags } from "../../../../kit/ports/stack-storage";
import { TableMissingError, type TableRecovery } from "../../../../kit/ports/table-recovery";
import type { Ledger } from "../../ports/ledger";
import type { ResultStore } from "../../ports/result-store";
import type { VerifyPorts } from "../verify/verify-batch";
import { checkRestored, finishedBatches, type FinishedBatch, type RestoredBatch } from "./check-restored";
import { SideTables } from "./side-tables";

/** A table's recovery is off: nothing of it could be brought back. */
export class RecoveryOffError extends FixableError {
  public override readonly name = "RecoveryOffError";
  public constructor(table: string) {
    super(
      `point-in-time recovery of the table '${table}' is off; nothing was restored`,
      "deploy the stack again: it switches recovery on; what was written before that can't be brought back",
    );
  }
}

/** There is nothing that a restored table could be held against. */
export class NothingToProveError extends FixableError {
  public override readonly name = "NothingToProveError";
  public constructor(at: number, newest: FinishedBatch | undefined) {
    super(
      newest === undefined
        ? "no batch of this stack is finished, so there is no receipt to hold a restored table against; nothing was restored"
        : `the tables can be set back to ${new Date(at).toISOString()}, and no batch was finished by then; nothing was restored`,
      newest === undefined
        ? "run one: `npx filemill submit PATH --watch`, then try again"
        : `try again in some minutes: batch ${newest.batch.batchId} was finished at ${new Date(newest.finishedAt).toISOString()}`,
    );
  }
}

/** The two tables of a stack, by what they are. */
export const TABLE_ROLES = ["results", "ledger"] as const;
export type TableRole = (typeof TABLE_ROLES)[number];

export interface RestoreSource {
  readonly role: TableRole;
  readonly table: string;
  readonly bytes: number;
  /** Its own, for the side table to have. */
  readonly tags: Tags;
}

/** What a drill would do, and cost. */
export interface RestorePlan {
  readonly sources: readonly RestoreSource[];
  /** The second that both tables are set back to: the later of them can't reach further than the other. Milliseconds since the epoch. */
  readonly at: number;
  /** How much of the past would be lost, were the tables lost now: from `at` until it was asked. */
  readonly recoveryPointSeconds: number;
  /** Finished by then, as the live ledger has them, newest first. */
  readonly batches: readonly FinishedBatch[];
  readonly estimatedCostUsd: number;
}

export interface PlanDeps {
  readonly recovery: TableRecovery;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** DynamoDB restores to the second. */
const SECOND = 1_000;

/** Looks at what can be restored and what it costs; changes nothing. @throws RecoveryOffError, NothingToProveError, TableMissingError */
export async function planRestore(
  { clock, ledger, recovery }: PlanDeps,
  { ledger_table, results_table }: Pick<StackOutputs, "ledger_table" | "results_table">,
  mostBatches: number,
): Promise<RestorePlan> {
  const named = { results: results_table, ledger: ledger_table };
  const looked = await Promise.all(TABLE_ROLES.map((role) => lookAt(recovery, role, named[role])));
  const at = Math.floor(Math.min(...looked.map(({ latest }) => latest)) / SECOND) * SECOND;
  const recoveryPointSeconds = Math.max(0, Math.round((clock.now() - at) / SECOND));
  const batches = await finishedBatches(ledger, mostBatches, at + SECOND);
  if (batches.length === 0) throw new NothingToProveError(at, (await finishedBatches(ledger, 1))[0]);
  const sources = looked.map(({ bytes, role, table, tags }) => ({ role, table, bytes, tags }));
  return { sources, at, recoveryPointSeconds, batches, estimatedCostUsd: costOf(sources, batches) };
}

async function lookAt(recovery: TableRecovery, role: TableRole, table: string): Promise<RestoreSource & { readonly latest: number }> {
  const [window, state] = await Promise.all([recovery.window(table), recovery.state(table)]);
  if (state === undefined) throw new TableMissingError(table);
  if (window === undefined) throw new RecoveryOffError(table);
  return { role, table, bytes: state.bytes, tags: await recovery.tagsOf(state.arn), latest: window.latest };
}

/** Bytes of a gigabyte as AWS bills table sizes. */
const GIGABYTE = 2 ** 30;

/** The restores, and a read of each file's item and each chunk's row; an hour of storage is less than a tenth of a cent a gigabyte. */
function costOf(sources: readonly RestoreSource[], batches: readonly FinishedBatch[]): number {
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  const reads = batches.reduce((sum, { generation }) => sum + (generation.files?.total ?? 0) + (generation.plan?.chunkCount ?? 0), 0);
  return (bytes / GIGABYTE) * TABLE_RESTORE_GIGABYTE + reads * TABLE_READ;
}

/** What came of a drill. */
export interface RestoreReport {
  readonly at: number;
  readonly recoveryPointSeconds: number;
  /** From the request until both tables could be read: what a real restore takes. */
  readonly restoredAfterSeconds: number;
  /** And until they were checked: then a stack could be told to use them. */
  readonly checkedAfterSeconds: number;
  readonly tables: readonly { readonly role: TableRole; readonly source: string; readonly side: string }[];
  readonly batches: readonly RestoredBatch[];
  /** Finished a minute before that time by the live ledger, and not finished by the restored one. */
  readonly missing: readonly string[];
  readonly holds: boolean;
}

export interface DrillDeps extends PlanDeps {
  /** Opens tables like the stack's own, by their names. */
  readonly open: (tables: Readonly<Record<TableRole, string>>) => { readonly ledger: Ledger; readonly results: ResultStore };
  readonly verify: Omit<VerifyPorts, "ledger" | "results">;
  /** A ULID. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
  /** Told what is waited for. */
  readonly say: (line: string) => void;
  readonly step: (text: string) => void;
}

/** The clock of whoever reports a batch may be off. */
const CLOCK_TOLERANCE_MILLISECONDS = 60_000;

/**
 * Restores both tables to side tables, holds them against the receipts of finished batches, and removes them again, however it ends.
 *
 * @throws SideTablesLeftError when one could not be removed
 */
export async function runRestore(deps: DrillDeps, plan: RestorePlan): Promise<RestoreReport> {
  const side = new SideTables(deps, deps.newId().toLowerCase());
  try {
    return await restoreAndCheck(deps, plan, side);
  } finally {
    deps.step("removing the side tables");
    await side.remove(deps.say);
  }
}

async function restoreAndCheck(deps: DrillDeps, plan: RestorePlan, side: SideTables): Promise<RestoreReport> {
  const { clock, signal } = deps;
  const begun = clock.monotonic();
  const since = (): number => Math.round((clock.monotonic() - begun) / SECOND);
  deps.step(`restoring ${plan.sources.map(({ table }) => table).join(" and ")}`);
  const tables = [];
  for (const { role, table, tags } of plan.sources) tables.push({ role, tags, source: table, side: await side.begin(table, plan.at) });
  await Promise.all(tables.map((table) => side.ready(table.side, table.tags, signal)));
  const restoredAfterSeconds = since();
  const opened = deps.open(namesOf(tables));
  const { batches, missing } = await checkBatches(deps, plan, opened);
  return {
    at: plan.at,
    recoveryPointSeconds: plan.recoveryPointSeconds,
    restoredAfterSeconds,
    checkedAfterSeconds: since(),
    tables: tables.map(({ role, source, side: name }) => ({ role, source, side: name })),
    batches,
    missing,
    holds: batches.length > 0 && missing.length === 0 && batches.every(({ holds }) => holds),
  };
}

function namesOf(tables: readonly { readonly role: TableRole; readonly side: string }[]): Record<TableRole, string> {
  const sideOf = (role: TableRole): string => tables.find((table) => table.role === role)?.side ?? "";
  return { results: sideOf("results"), ledger: sideOf("ledger") };
}

async function checkBatches(
  { signal, step, verify }: DrillDeps,
  { at, batches: expected }: RestorePlan,
  restored: { readonly ledger: Ledger; readonly results: ResultStore },
): Promise<Pick<RestoreReport, "batches" | "missing">> {
  const batches: RestoredBatch[] = [];
  for (const found of await finishedBatches(restored.ledger, expected.length)) {
    signal.throwIfAborted();
    step(`checking batch ${found.batch.batchId}`);
    batches.push(await checkRestored({ ...verify, ...restored }, found));
  }
  const missing: string[] = [];
  for (const { batch, finishedAt, generation } of expected) {
    if (finishedAt > at - CLOCK_TOLERANCE_MILLISECONDS) continue;
    const row = await restored.ledger.getGeneration(generation);
    if (row?.completionSentAt === undefined) missing.push(batch.batchId);
  }
  return { batches, missing };
}
