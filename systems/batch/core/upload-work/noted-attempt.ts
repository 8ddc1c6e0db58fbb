import { randomUUID } from "node:crypto";
import type { LogEvent } from "../../../../kit/lib/log";
import type { Ledger, UploadContent } from "../../ports/ledger";
import { persistently, type PersistentDeps } from "../../../../kit/lib/persistently";

export interface NotedAttemptDeps extends PersistentDeps {
  readonly ledger: Pick<Ledger, "beginUpload" | "endUpload">;
  readonly workerId: string;
  readonly log: LogEvent;
}

/** What lets whoever works on an upload do so: a message's lease, or an invocation of its own. */
export interface AttemptHold {
  /** @throws when somebody else may have the upload by now */
  readonly assertHeld: () => void;
  /** Whether the end that the work came to says of the file what a death would. */
  readonly endsAsDeath: () => boolean;
}

/**
 * Works on an upload with a note in the ledger, which outlives the worker: if it dies, the dead-letter consumer sees under which file
 * (systems/batch/core/dead-letters/handle-dead-upload.ts). Whatever ends while the worker lives takes its note back, but for want of
 * progress: a file that hangs counts as one that kills.
 *
 * A note that can't be taken back, however often it is tried in some seconds, is told and stays: the work is done or has failed all the
 * same.
 */
export async function withNotedAttempt<T>(
  deps: NotedAttemptDeps,
  { bucket, etag, key }: UploadContent,
  hold: AttemptHold,
  work: () => Promise<T>,
): Promise<T> {
  const content = { bucket, key, ...(etag === undefined ? {} : { etag }) };
  const { ledger, log, workerId } = deps;
  const id = randomUUID();
  hold.assertHeld();
  try {
    await ledger.beginUpload(content, { id, worker: workerId });
    return await work();
  } finally {
    if (!hold.endsAsDeath()) {
      try {
        await persistently(deps, "taking a note back", () => ledger.endUpload(content, id));
      } catch (error) {
        log("error", "upload_note_failed", { bucket, key, error });
      }
    }
  }
}
