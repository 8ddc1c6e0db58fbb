import { z } from "zod";
import type { Row, RowChange, RowCondition, RowKey, RowStore } from "../../../../kit/ports/row-store";

/** The answer that a row gives, or the change that is wanted before it does. */
export type Decision<Answer> = { readonly answer: Answer } | { readonly change: RowChange };

const versionedSchema = z.object({ version: z.int().min(1) });

/**
 * Changes a row by what it holds: decides, writes on condition that nobody wrote in between, and decides again with the row as it is
 * then, until that gives the answer. So a change that was carried out just now and one whose reply was lost are told alike, by the row.
 * Every refusal is somebody else's progress. The row's number `version` tells one state of it from the next, so each change of such a
 * row adds 1 to it.
 *
 * @param row the row as it is probably: what was read, or undefined to try without reading
 * @param decide gives an answer to the row that its own change left
 */
export async function changeRow<Answer>(
  rows: RowStore,
  key: RowKey,
  row: Row | undefined,
  decide: (row: Row | undefined) => Decision<Answer> | Promise<Decision<Answer>>,
): Promise<Answer> {
  const decision = await decide(row);
  if ("answer" in decision) return decision.answer;
  const { row: after } = await rows.update(key, withNextVersion(decision.change), versionOf(row));
  return changeRow(rows, key, after, decide);
}

export const withNextVersion = (change: RowChange): RowChange => ({ ...change, add: { ...change.add, version: 1 } });

/** Whether there is a row is told by its key: one that lost its version is not to be written over. */
const versionOf = (row: Row | undefined): RowCondition =>
  row === undefined ? { attribute: "pk", is: "absent" } : { attribute: "version", equals: versionedSchema.parse(row).version };
