import { z } from "zod";
import type { Row, RowChange, RowCondition, RowKey, RowStore } from "../ports/row-store";

/** An answer that needs no change, or a change and what it makes the answer. */
export type Decision<Answer> = { readonly answer: Answer } | { readonly change: RowChange; readonly answerAfter: (row: Row) => Answer };

const versionedSchema = z.object({ version: z.int().min(1) });

/**
 * Changes a row by what it holds: decides, and writes on condition that nobody wrote in between; otherwise decides again with the row
 * that refused. Every refusal is somebody else's progress. The row's number `version` tells one state of it from the next, so each
 * change of such a row adds 1 to it.
 *
 * @param row the row as it is probably: what was read, or undefined to try without reading
 */
export async function changeRow<Answer>(
  rows: RowStore,
  key: RowKey,
  row: Row | undefined,
  decide: (row: Row | undefined) => Decision<Answer> | Promise<Decision<Answer>>,
): Promise<Answer> {
  const decision = await decide(row);
  if ("answer" in decision) return decision.answer;
  const result = await rows.update(key, withNextVersion(decision.change), versionOf(row));
  return result.status === "changed" ? decision.answerAfter(result.row) : changeRow(rows, key, result.row, decide);
}

export const withNextVersion = (change: RowChange): RowChange => ({ ...change, add: { ...change.add, version: 1 } });

const versionOf = (row: Row | undefined): RowCondition =>
  row === undefined ? { attribute: "version", is: "absent" } : { attribute: "version", equals: versionedSchema.parse(row).version };
