import { FixableError } from "../../../../kit/lib/fixable-error";
import type { Clock } from "../../../../kit/ports/clock";
import type { Tags } from "../../../../kit/ports/stack-storage";
import { RestoreRefusedError, TableTakenError, type TableRecovery, type TableState } from "../../../../kit/ports/table-recovery";

/** A restore takes minutes; one look costs nothing. */
const LOOK_MILLISECONDS = 5_000;
/**
 * What was just created may not be described yet, or not any more.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
 */
const UNSEEN_MILLISECONDS = 60_000;

/** The tag of a side table, beside those of its stack; its value is the drill's id. */
export const DRILL_TAG = "FilemillDrill";

/** Only AWS puts these on. https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const RESERVED_TAGS = "aws:";

/** What names of a table's side tables begin with. */
export const sidePrefix = (source: string): string => `${source}-drill-`;

/** Side tables of a drill are still there, and cost money. */
export class SideTablesLeftError extends FixableError {
  public override readonly name = "SideTablesLeftError";
  public constructor(tables: readonly string[], cause: unknown) {
    super(
      `the drill could not remove ${tables.join(" and ")}: ${cause instanceof Error ? cause.message : String(cause)}`,
      `remove ${tables.length === 1 ? "it" : "them"}: ${tables.map((table) => `\`aws dynamodb delete-table --table-name ${table}\``).join(", ")}`,
      { cause },
    );
  }
}

/** DynamoDB gave a restore up. */
export class RestoreLostError extends FixableError {
  public override readonly name = "RestoreLostError";
  public constructor(table: string) {
    super(
      `DynamoDB gave up the restore to '${table}': the table is not there`,
      'whoever restores needs to read and write the new table, too (docs/commands.md, "Drills"); then try again',
    );
  }
}

export interface SideTablesDeps {
  readonly recovery: TableRecovery;
  readonly clock: Clock;
}

/**
 * The tables that one drill makes. It removes those that it has made itself, by this object, and no other: their names hold an id that
 * nobody else has, and there was no table of that name when the drill asked for it.
 */
export class SideTables {
  private readonly made: string[] = [];

  /** @param drillId 26 characters of a ULID, lower case */
  public constructor(
    private readonly deps: SideTablesDeps,
    private readonly drillId: string,
  ) {}

  /** Begins a restore. @returns the name of the side table */
  public async begin(source: string, at: number): Promise<string> {
    const { recovery } = this.deps;
    const target = `${sidePrefix(source)}${this.drillId}`;
    if ((await recovery.state(target)) !== undefined) throw new TableTakenError(target);
    // it may be there from here on: the SDK repeats a call whose reply was lost, and then meets its own table
    this.made.push(target);
    try {
      await recovery.restore(source, target, at);
    } catch (error) {
      if (error instanceof RestoreRefusedError) this.made.pop();
      if (!(error instanceof TableTakenError)) throw error;
    }
    return target;
  }

  /**
   * Waits until a side table can be read, and marks it.
   *
   * @param tags of its source: so that people and bills know whose it is
   */
  public async ready(table: string, tags: Tags, signal: AbortSignal): Promise<void> {
    const { arn } = await this.until(table, ({ status }) => status === "ready", signal);
    const own = Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith(RESERVED_TAGS)));
    await this.deps.recovery.tag(arn, { ...own, [DRILL_TAG]: this.drillId });
  }

  /**
   * Removes what was made, and sees it gone. DynamoDB refuses to delete a table while it restores it, so that is waited for.
   *
   * @param say told that something is waited for
   * @throws SideTablesLeftError
   */
  public async remove(say: (line: string) => void): Promise<void> {
    const left: string[] = [];
    let cause: unknown;
    for (const table of [...this.made]) {
      try {
        await removeTable(this.deps, table, say);
        this.made.splice(this.made.indexOf(table), 1);
      } catch (error) {
        left.push(table);
        cause ??= error;
      }
    }
    if (left.length > 0) throw new SideTablesLeftError(left, cause);
  }

  private async until(table: string, holds: (state: TableState) => boolean, signal: AbortSignal): Promise<TableState> {
    const { clock, recovery } = this.deps;
    let seenAt = clock.monotonic();
    for (;;) {
      signal.throwIfAborted();
      const state = await recovery.state(table);
      if (state !== undefined && holds(state)) return state;
      if (state !== undefined) seenAt = clock.monotonic();
      else if (clock.monotonic() - seenAt > UNSEEN_MILLISECONDS) throw new RestoreLostError(table);
      await clock.sleep(LOOK_MILLISECONDS, signal);
    }
  }
}

/** Removes a table of a drill and sees it gone. @param say told that its restore is waited for */
export async function removeTable({ clock, recovery }: SideTablesDeps, table: string, say: (line: string) => void): Promise<void> {
  let told = false;
  for (let state = await firstState({ clock, recovery }, table); state !== undefined; state = await recovery.state(table)) {
    if (state.status === "ready") {
      if (state.isProtected) await recovery.unprotect(table);
      await recovery.remove(table);
      if ((await recovery.state(table)) === undefined) return;
    } else if (state.status === "making" && !told) {
      say(`waiting for the restore of ${table} to end: until then DynamoDB does not delete it`);
      told = true;
    }
    await clock.sleep(LOOK_MILLISECONDS);
  }
}

/** A table that was asked for a moment ago may come into sight later: nothing would be removed, and it would stay. */
async function firstState({ clock, recovery }: SideTablesDeps, table: string): Promise<TableState | undefined> {
  const until = clock.monotonic() + UNSEEN_MILLISECONDS;
  for (;;) {
    const state = await recovery.state(table);
    if (state !== undefined || clock.monotonic() >= until) return state;
    await clock.sleep(LOOK_MILLISECONDS);
  }
}

/** A table with the name of a side table. */
export interface LeftTable {
  readonly table: string;
  /** Whether it carries the mark of the drill that its name tells: nothing else is removed. */
  readonly isMarked: boolean;
}

/** A ULID, lower case. */
const DRILL_ID = /^[0-9a-z]{26}$/;

/** What drills of these tables have left behind, or work with now: their names and marks can't tell the two apart. */
export async function leftTables(recovery: TableRecovery, sources: readonly string[]): Promise<LeftTable[]> {
  const left: LeftTable[] = [];
  for (const source of sources) {
    const prefix = sidePrefix(source);
    for (const table of await recovery.named(prefix)) {
      const id = table.slice(prefix.length);
      const state = DRILL_ID.test(id) ? await recovery.state(table) : undefined;
      if (state !== undefined) left.push({ table, isMarked: (await recovery.tagsOf(state.arn))[DRILL_TAG] === id });
    }
  }
  return left;
}
