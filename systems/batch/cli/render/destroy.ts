import type { GenerationRef } from "../../contracts/batch";
import type { StackSurvey } from "../../core/teardown/survey-stack";
import { byteSize, plural } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";
import { renderTable } from "../../../../kit/cli/render/table";

/** Days for which DynamoDB keeps the last state of a table with point-in-time recovery that is deleted. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html */
const KEPT_DAYS = 35;

/** What a destruction takes away, and what it leaves. Ends with a line end. */
export function renderDestruction(
  { buckets, foreignBuckets, stack, tables }: StackSurvey,
  open: readonly GenerationRef[],
  width: number,
): string {
  const rows = [
    ...buckets.map(({ bytes, name, versions }) => [`bucket ${name}`, `${plural(versions, "object version")}, ${byteSize(bytes)}`]),
    ...tables.map(({ isProtected, name }) => [
      `table ${name}`,
      isProtected ? "protected: it refuses to go" : `with all its rows; DynamoDB keeps a backup of it for ${KEPT_DAYS} days`,
    ]),
    [
      "open batches",
      open.length === 0
        ? "none"
        : `${plural(open.length, "batch", "batches")}, cancelled first: ${open.map(({ batchId }) => batchId).join(", ")}`,
    ],
    ["all else of the stack", "queues with their messages, functions, state machine, fleet, logs"],
  ];
  const table = renderTable(
    [
      { head: "what", least: 20 },
      { head: "how much", least: 20 },
    ],
    rows,
    width,
  );
  const left =
    foreignBuckets.length === 0
      ? "not touched: no other bucket. Files that were uploaded into the stack's own buckets go"
      : `not touched: ${foreignBuckets.join(", ")} (batches read them; the stack did not make them)`;
  return `with ${printable(stack)} goes for good:\n${table}\n${printable(left)}\n`;
}
