import type { z } from "zod";
import type { LogEvent } from "../../../../kit/lib/log";
import type { Row } from "../../../../kit/ports/row-store";
import { placeOf } from "./row-keys";
import { schemaProblem } from "../../../../kit/lib/schema-problem";

/**
 * A row of the ledger says what no such row can say: somebody else wrote to the table, or a newer version did. Rows that this version
 * would not read again it does not write (`checked-writes.ts`).
 */
export class UnreadableRowError extends Error {
  public override readonly name = "UnreadableRowError";
  public readonly fix =
    "find out who else writes to the ledger's table; restore the row from a point in time before that (DynamoDB keeps 35 days)";
  public constructor(row: Row, problem: z.ZodError) {
    super(`row ${placeOf(row)} of the ledger can't be read: ${schemaProblem(problem)}`);
  }
}

/** Told of rows that a walk over many leaves out. */
export type OnUnreadable = (error: UnreadableRowError) => void;

/** For processes that nobody watches. */
export const unreadableToLog =
  (log: LogEvent): OnUnreadable =>
  (error) => {
    log("error", "ledger_row_unreadable", { error });
  };

/** @throws UnreadableRowError */
export function readRow<S extends z.ZodType>(schema: S, row: Row): z.output<S> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new UnreadableRowError(row, parsed.error);
}

/** What the rows of a walk say; one that can't be read costs itself only. */
export async function readableRows<S extends z.ZodType>(
  schema: S,
  rows: AsyncIterable<Row>,
  onUnreadable: OnUnreadable,
): Promise<z.output<S>[]> {
  const readable: z.output<S>[] = [];
  for await (const row of rows) {
    const parsed = schema.safeParse(row);
    if (parsed.success) readable.push(parsed.data);
    else onUnreadable(new UnreadableRowError(row, parsed.error));
  }
  return readable;
}
