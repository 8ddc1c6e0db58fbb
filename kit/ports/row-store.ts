/** What a row's attribute can hold: what both JSON and DynamoDB know. */
export type RowValue = string | number | boolean | readonly RowValue[] | { readonly [name: string]: RowValue };
export type Row = Readonly<Record<string, RowValue>>;

/** A row's place: partition key and sort key. */
export interface RowKey {
  readonly pk: string;
  readonly sk: string;
}

/** A test of a row as it is before the change. A comparison with an attribute that is absent is false. */
export type RowCondition =
  | { readonly attribute: string; readonly is: "absent" | "present" }
  | { readonly attribute: string; readonly equals: string | number }
  | { readonly attribute: string; readonly differsFrom: string | number }
  | { readonly all: readonly RowCondition[] }
  | { readonly any: readonly RowCondition[] };

/** One write of a row, all or nothing; a row that is absent is created. Top-level attributes, each in at most one of the four. */
export interface RowChange {
  readonly set?: Row;
  readonly setIfAbsent?: Row;
  /** Adds to numbers; an absent one counts as 0. */
  readonly add?: Readonly<Record<string, number>>;
  /** Appends to lists; an absent one counts as empty. */
  readonly append?: Readonly<Record<string, readonly RowValue[]>>;
  readonly remove?: readonly string[];
}

/** `refused`: the condition did not hold; `row` is the row that refused it, undefined when there is none. */
export type RowUpdateResult =
  { readonly status: "changed"; readonly row: Row } | { readonly status: "refused"; readonly row: Row | undefined };

export interface RowQuery {
  readonly descending?: boolean;
  readonly limit?: number;
}

/**
 * A table of rows under conditional writes: DynamoDB as far as the ledger needs it. Reads are consistent. A call may be carried out
 * although its reply is lost and is then repeated, so a change must be recognised by what it left (systems/batch/core/ledger).
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
 */
export interface RowStore {
  get(key: RowKey): Promise<Row | undefined>;
  /** Changes one row, on a condition. Rows returned hold all attributes, the key's included. */
  update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult>;
  put(key: RowKey, row: Row): Promise<void>;
  /** Creates all rows, or none when one of them exists. @returns false when one exists */
  createAll(rows: readonly { readonly key: RowKey; readonly row: Row }[]): Promise<boolean>;
  /** A partition's rows in order of their sort key (UTF-8 bytes). */
  query(pk: string, options?: RowQuery): AsyncIterable<Row>;
}
