import type { Tags } from "../../../kit/ports/stack-storage";
import {
  TableMissingError,
  TableTakenError,
  type RecoveryWindow,
  type TableRecovery,
  type TableState,
} from "../../../kit/ports/table-recovery";
import type { FakeClock } from "./clock";

interface FakeTable {
  readonly bytes: number;
  readonly isRecoverable: boolean;
  readonly readyAt: number;
  isProtected: boolean;
  leavesAt: number | undefined;
  tags: Tags;
}

/** How long a restore, and a deletion, take by the clock of the test, in milliseconds. */
export const RESTORE_MILLISECONDS = 600_000;
export const DELETION_MILLISECONDS = 20_000;
/** What DynamoDB's newest point is behind. */
export const BEHIND_MILLISECONDS = 300_000;

/** Tables with point-in-time recovery: restores and deletions take their time, and a table that is made refuses to go. */
export class FakeTableRecovery implements TableRecovery {
  public readonly tables = new Map<string, FakeTable>();
  /** Every change, in order. */
  public readonly calls: string[] = [];
  /** Called with the name of the target before each restore. */
  public beforeRestore: (target: string) => void = () => undefined;

  public constructor(private readonly clock: FakeClock) {}

  public add(name: string, { tags = {}, isRecoverable = true, isProtected = false, bytes = 1_000 }: Partial<FakeTable> = {}): void {
    this.tables.set(name, { bytes, isRecoverable, isProtected, tags, readyAt: this.clock.monotonic(), leavesAt: undefined });
  }

  public window(table: string): Promise<RecoveryWindow | undefined> {
    const found = this.find(table);
    if (found === undefined) return Promise.reject(new TableMissingError(table));
    const latest = Math.floor((this.clock.now() - BEHIND_MILLISECONDS) / 1_000) * 1_000;
    return Promise.resolve(found.isRecoverable ? { earliest: latest - 86_400_000, latest } : undefined);
  }

  public state(table: string): Promise<TableState | undefined> {
    const found = this.find(table);
    if (found === undefined) return Promise.resolve(undefined);
    const status = found.leavesAt !== undefined ? "leaving" : this.clock.monotonic() < found.readyAt ? "making" : "ready";
    return Promise.resolve({ arn: `arn:${table}`, status, bytes: found.bytes, items: 1, isProtected: found.isProtected });
  }

  public restore(source: string, target: string, at: number): Promise<void> {
    this.beforeRestore(target);
    if (this.find(target) !== undefined) return Promise.reject(new TableTakenError(target));
    const { bytes, isProtected } = this.tables.get(source) ?? { bytes: 0, isProtected: false };
    this.add(target, { bytes, isProtected });
    this.calls.push(`restore ${source} to ${target} as of ${new Date(at).toISOString()}`);
    const made = this.tables.get(target);
    if (made !== undefined) this.tables.set(target, { ...made, readyAt: this.clock.monotonic() + RESTORE_MILLISECONDS });
    return Promise.resolve();
  }

  public tag(arn: string, tags: Tags): Promise<void> {
    const found = this.tables.get(arn.slice("arn:".length));
    if (found !== undefined) found.tags = { ...found.tags, ...tags };
    return Promise.resolve();
  }

  public tagsOf(arn: string): Promise<Tags> {
    return Promise.resolve(this.tables.get(arn.slice("arn:".length))?.tags ?? {});
  }

  public named(prefix: string): Promise<readonly string[]> {
    return Promise.resolve([...this.tables.keys()].filter((name) => this.find(name) !== undefined && name.startsWith(prefix)).sort());
  }

  public unprotect(table: string): Promise<void> {
    this.calls.push(`unprotect ${table}`);
    const found = this.tables.get(table);
    if (found !== undefined) found.isProtected = false;
    return Promise.resolve();
  }

  public remove(table: string): Promise<void> {
    this.calls.push(`remove ${table}`);
    const found = this.find(table);
    if (found === undefined) return Promise.resolve();
    if (found.isProtected) return Promise.reject(new Error(`ValidationException: ${table} is protected against deletion`));
    if (this.clock.monotonic() < found.readyAt) return Promise.reject(new Error(`ResourceInUseException: ${table} is being created`));
    found.leavesAt ??= this.clock.monotonic() + DELETION_MILLISECONDS;
    return Promise.resolve();
  }

  private find(name: string): FakeTable | undefined {
    const found = this.tables.get(name);
    if (found?.leavesAt !== undefined && this.clock.monotonic() >= found.leavesAt) {
      this.tables.delete(name);
      return undefined;
    }
    return found;
  }
}
