import type { Tags } from "./stack-storage";

/** The times that a table can be set back to, in milliseconds since the epoch (whole seconds). */
export interface RecoveryWindow {
  readonly earliest: number;
  readonly latest: number;
}

/** A table as it is now. */
export interface TableState {
  readonly arn: string;
  /** `making`: it is created or its data is still being restored, and DynamoDB refuses to delete it. */
  readonly status: "making" | "ready" | "leaving";
  /** As DynamoDB counts them, every six hours or so. */
  readonly bytes: number;
  readonly items: number;
  readonly isProtected: boolean;
}

/** Point-in-time recovery of tables: always to a new table. */
export interface TableRecovery {
  /** @returns undefined when the table's recovery is off @throws TableMissingError */
  window(table: string): Promise<RecoveryWindow | undefined>;
  /** @returns undefined when there is no such table */
  state(table: string): Promise<TableState | undefined>;
  /**
   * Begins to make a table from what another one was at a time.
   *
   * @throws TableTakenError when there is a table of that name, RestoreRefusedError when nothing was begun
   */
  restore(source: string, target: string, at: number): Promise<void>;
  /** A restored table has no tags: its maker puts them on. */
  tag(arn: string, tags: Tags): Promise<void>;
  tagsOf(arn: string): Promise<Tags>;
  /** Names of the tables that begin so, in order. */
  named(prefix: string): Promise<readonly string[]>;
  unprotect(table: string): Promise<void>;
  /** Begins to delete a table; one that is not there is no error. */
  remove(table: string): Promise<void>;
}

export class TableMissingError extends Error {
  public override readonly name = "TableMissingError";
  public readonly fix = "look at the region and the credentials: the stack's outputs name this table";
  public constructor(table: string) {
    super(`there is no table '${table}'`);
  }
}

export class TableTakenError extends Error {
  public override readonly name = "TableTakenError";
  public readonly fix = "try again: each try has a name of its own";
  public constructor(table: string) {
    super(`there is a table '${table}' already, and it is left as it is`);
  }
}

/** The service understood what was asked for and did not begin it. */
export class RestoreRefusedError extends Error {
  public override readonly name = "RestoreRefusedError";
  public constructor(source: string, cause: Error) {
    super(`DynamoDB does not restore '${source}': ${cause.message}`, { cause });
  }
}
