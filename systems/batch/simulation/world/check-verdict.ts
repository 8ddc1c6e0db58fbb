import { MAXIMUM_DEATHS } from "../../core/chunk-work/careful-mode";
import type { FileAcknowledgement } from "../../contracts/messages";
import { uploadAttemptsKey } from "../../core/ledger/row-keys";
import { attemptsSchema } from "../../core/ledger/upload-attempts";
import type { RowStore } from "../../../../kit/ports/row-store";
import type { Expectations } from "./expectations";
import type { BucketNames } from "./deployed-stack";
import type { Facts } from "./facts";
import type { LedgerHistory } from "./ledger-watch";

export interface VerdictWorld {
  readonly names: BucketNames;
  readonly expectations: Expectations;
  readonly facts: Facts;
  readonly rows: RowStore;
  readonly services: { readonly history: LedgerHistory };
}

/**
 * An upload that neither kills nor hangs may be called a killer only if two workers were really lost, or stood still, while they said
 * that they work on it (invariant 7), as with chunks.
 */
export async function checkUploadVerdict(world: VerdictWorld, message: FileAcknowledgement): Promise<void> {
  const { etag, key } = message;
  if (message.type !== "file-quarantined" || message.reason !== "kills-worker") return;
  const kind = world.expectations.kindOf(key);
  if (kind === "killer" || kind === "hangs") return;
  const row = await world.rows.get(uploadAttemptsKey({ bucket: world.names.processing, key, etag }));
  const begun = row === undefined ? [] : attemptsSchema.parse(row).begun;
  const explained = begun.filter(({ id, worker }) => {
    const at = world.services.history.uploadAttempt(id)?.at;
    if (at === undefined) return false;
    return world.facts.sawTimeWrong(worker) || world.facts.couldNotRelease.has(worker) || world.facts.wasLostSince(worker, at);
  });
  if (explained.length < MAXIMUM_DEATHS)
    world.facts.violate(
      7,
      `the upload '${key}' (${kind ?? "unknown"}) is quarantined as kills-worker after ${explained.length} losses under it`,
    );
}
