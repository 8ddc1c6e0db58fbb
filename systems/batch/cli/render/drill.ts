import type { RedeployOutcome } from "../../core/drills/redeploy-drill";
import type { LeftTable } from "../../core/drills/side-tables";
import type { RestorePlan, RestoreReport } from "../../core/drills/restore-drill";
import { byteSize, count, plural, usDollars } from "../../../../kit/cli/render/numbers";
import { renderTable } from "../../../../kit/cli/render/table";
import { printable } from "../../../../kit/lib/printable";
import type { Redeployment } from "../../../../kit/local";

/** What the emulator has otherwise than DynamoDB, where a drill's numbers would mislead. */
const ON_EMULATOR =
  "this is the emulator: it copies the tables as they are now, at once and free of charge; the two times say nothing of AWS\n";

/** What a restore drill is about to do. Ends with a line end. */
export function renderRestorePlan(plan: RestorePlan, left: readonly LeftTable[], emulator: boolean): string {
  const { at, batches, estimatedCostUsd, recoveryPointSeconds, sources } = plan;
  const tables = sources.map(({ bytes, table }) => `${printable(table)} (${byteSize(bytes)})`).join(" and ");
  const lines = [
    `restores ${tables} as of ${new Date(at).toISOString()}, ${plural(recoveryPointSeconds, "second")} ago, to side tables`,
    `holds them against the receipts of ${plural(batches.length, "finished batch", "finished batches")}, and removes them`,
    ...(emulator ? [] : [`costs about ${usDollars(estimatedCostUsd)} (list prices of us-east-1)`]),
    ...left.map(
      ({ table }) => `another drill's side table is there: ${printable(table)} (if it is at work no more: drill restore --remove-left)`,
    ),
  ];
  return `${lines.join("\n")}\n${emulator ? ON_EMULATOR : ""}`;
}

/** What came of it. Ends with a line end. */
export function renderRestoreReport(report: RestoreReport, width: number, emulator: boolean): string {
  const { at, batches, checkedAfterSeconds, holds, missing, recoveryPointSeconds, restoredAfterSeconds } = report;
  const table = renderTable(
    [
      { head: "batch", least: 26 },
      { head: "generation", align: "right" },
      { head: "files", align: "right" },
      { head: "chunks", align: "right" },
      { head: "agrees" },
    ],
    batches.map(({ batchId, chunkRows, files, generation, holds: agrees }) => [
      batchId,
      count(generation),
      count(files),
      count(chunkRows),
      agrees ? "yes" : "NO",
    ]),
    width,
  );
  const problems = [
    ...batches.flatMap(({ batchId, wrong }) => wrong.map((line) => `${batchId}: ${printable(line)}`)),
    ...missing.map((batchId) => `${batchId}: it was finished by then, and the restored ledger doesn't know it as finished`),
  ];
  const lines = [
    table,
    ...problems,
    `RPO ${plural(recoveryPointSeconds, "second")}: what was written after ${new Date(at).toISOString()} would be lost`,
    `RTO ${plural(restoredAfterSeconds, "second")} until both tables could be read, ${plural(checkedAfterSeconds, "second")} until they were checked`,
    `the restored tables ${holds ? "agree" : "do NOT agree"} with the receipts; the side tables are removed`,
  ];
  return `${lines.join("\n")}\n${emulator ? ON_EMULATOR : ""}`;
}

/** What came of a deployment in the middle of a batch. Ends with a line end. */
export function renderRedeployment(batchId: string, outcome: RedeployOutcome, changes: Redeployment): string {
  const { after, before, deaths, handedOver, holds, status, wrong } = outcome;
  const { created, gone, killed, left, recorded, replaced, updated } = changes;
  const named = (what: string, addresses: readonly string[]): string[] =>
    addresses.length === 0 ? [] : [`${what}: ${addresses.map((address) => printable(address)).join(", ")}`];
  const lines = [
    `applied over batch ${batchId}: ${plural(updated.length, "resource")} changed in place, ${plural(replaced, "worker")} replaced${killed === 0 ? "" : ` (${killed} killed: they did not drain in time)`}`,
    ...named("created", created),
    ...named("the emulator only keeps a record of", recorded),
    ...named("changed, and not applied here", left),
    ...named("gone from the newer version, and left here", gone),
    `chunks done when it began: ${before.finished} of ${before.chunks}, at work ${before.atWork}; when it was through: ${after.finished}; begun by one worker and finished by another: ${handedOver}`,
    `the batch is ${status}; claims lost unexplained: ${deaths}`,
    ...(deaths > 0 && holds ? ["the emulator ends running functions when their code changes, Lambda doesn't: that explains them"] : []),
    ...wrong.map((line) => printable(line)),
    holds ? "nothing was lost or doubled: its receipt is true, files counted again come out the same" : "the deployment did harm",
  ];
  return `${lines.join("\n")}\n`;
}
