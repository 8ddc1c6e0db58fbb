import { z } from "zod";
import type { Clock } from "../../../../kit/ports/clock";
import type { UploadAttempt, UploadContent, UploadSuspicion } from "../../ports/ledger";
import type { Row, RowStore } from "../../../../kit/ports/row-store";
import { changeRow } from "./change-row";
import { checkedChange } from "./checked-writes";
import { expiresAt, spotNoticeKey, UPLOAD_ATTEMPTS_RETENTION_SECONDS, uploadAttemptsKey } from "./row-keys";
import { toRow } from "./to-row";
import { readRow } from "./unreadable-row";

/** By their ids, not by counts: a call whose reply was lost is repeated, and an attempt that counted twice would be two deaths. */
export const attemptsSchema = z.object({
  begun: z.array(z.object({ id: z.string().min(1), worker: z.string().min(1) })),
  redriven: z.array(z.string().min(1)),
  version: z.int().min(1),
  expiresAt: z.int(),
});
type Attempts = Pick<z.output<typeof attemptsSchema>, "begun" | "redriven">;

const NONE: Attempts = { begun: [], redriven: [] };

function attemptsOf(row: Row | undefined): Attempts {
  if (row === undefined) return NONE;
  const { begun, redriven } = readRow(attemptsSchema, row);
  return { begun, redriven };
}

/** A row for each content of the upload path that is under suspicion: an upload that goes well at its first receipt has none. */
export class UploadAttempts {
  public constructor(
    private readonly rows: RowStore,
    private readonly clock: Clock,
  ) {}

  public begin(content: UploadContent, attempt: UploadAttempt): Promise<void> {
    return this.change(content, undefined, ({ begun, redriven }) =>
      begun.some(({ id }) => id === attempt.id) ? undefined : { begun: [...begun, attempt], redriven },
    );
  }

  public async end(content: UploadContent, attemptId: string): Promise<void> {
    const row = await this.rows.get(uploadAttemptsKey(content));
    await this.change(content, row, ({ begun, redriven }) =>
      begun.some(({ id }) => id === attemptId) ? { begun: begun.filter(({ id }) => id !== attemptId), redriven } : undefined,
    );
  }

  public noteRedrive(content: UploadContent, deadLetterId: string): Promise<void> {
    return this.change(content, undefined, ({ begun, redriven }) =>
      redriven.includes(deadLetterId) ? undefined : { begun, redriven: [...redriven, deadLetterId] },
    );
  }

  public async suspicion(content: UploadContent): Promise<UploadSuspicion> {
    const { begun, redriven } = attemptsOf(await this.rows.get(uploadAttemptsKey(content)));
    const notices = await Promise.all(begun.map(({ worker }) => this.rows.get(spotNoticeKey(worker))));
    return { deaths: notices.filter((notice) => notice === undefined).length, redriven };
  }

  /** @param next the attempts as they are to be, undefined when they are so already */
  private change(content: UploadContent, row: Row | undefined, next: (attempts: Attempts) => Attempts | undefined): Promise<void> {
    const key = uploadAttemptsKey(content);
    return changeRow(this.rows, key, row, (stored) => {
      const attempts = next(attemptsOf(stored));
      if (attempts === undefined) return { answer: undefined };
      const set = { ...toRow(attempts), expiresAt: expiresAt(this.clock, UPLOAD_ATTEMPTS_RETENTION_SECONDS) };
      return { change: checkedChange(attemptsSchema, key, { set }) };
    });
  }
}
