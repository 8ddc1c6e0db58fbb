import { z } from "zod";
import {
  hostNoteSchema,
  uploadExceptionSchema,
  workerVersionSchema,
  type HostNote,
  type UploadException,
  type WorkerVersion,
} from "../contracts/ledger-rows";
import type { Clock } from "../ports/clock";
import type { RowStore } from "../ports/row-store";
import {
  cursorKey,
  DEMAND_PARTITION,
  demandKey,
  expiresAt,
  HOST_NOTE_RETENTION_SECONDS,
  hostNoteKey,
  HOSTS_PARTITION,
  SPOT_NOTICE_RETENTION_SECONDS,
  spotNoticeKey,
  uploadExceptionKey,
  WORKER_VERSION_KEY,
} from "./row-keys";
import { toRow } from "./to-row";

const demandRowSchema = z.object({ capacity: z.number(), until: z.number() });
const cursorRowSchema = z.object({ value: z.string() });

/**
 * Rows that are written whole, the last one counting: demand for capacity, spot notices, signs of life and versions of workers,
 * exceptions of the upload path, cursors.
 */
export class NoteRows {
  public constructor(
    private readonly rows: RowStore,
    private readonly clock: Clock,
  ) {}

  public putSpotNotice(worker: string, at: string): Promise<void> {
    return this.rows.put(spotNoticeKey(worker), { at, expiresAt: expiresAt(this.clock, SPOT_NOTICE_RETENTION_SECONDS) });
  }

  public putHost(host: HostNote): Promise<void> {
    return this.rows.put(hostNoteKey(host.worker), { ...toRow(host), expiresAt: expiresAt(this.clock, HOST_NOTE_RETENTION_SECONDS) });
  }

  public async hosts(): Promise<HostNote[]> {
    const notes: HostNote[] = [];
    for await (const row of this.rows.query(HOSTS_PARTITION)) notes.push(hostNoteSchema.parse(row));
    return notes;
  }

  /** Without an end, as cursors. */
  public putWorkerVersion(version: WorkerVersion): Promise<void> {
    return this.rows.put(WORKER_VERSION_KEY, toRow(version));
  }

  public async workerVersion(): Promise<WorkerVersion | undefined> {
    const row = await this.rows.get(WORKER_VERSION_KEY);
    return row === undefined ? undefined : workerVersionSchema.parse(row);
  }

  public putDemand(id: string, demand: { capacity: number; untilEpochSeconds: number }): Promise<void> {
    const { capacity, untilEpochSeconds: until } = demand;
    return this.rows.put(demandKey(id), { capacity, until, expiresAt: until });
  }

  /** The row stays until it expires: whoever may report may change rows, not remove them. */
  public async withdrawDemand(id: string): Promise<void> {
    await this.rows.update(demandKey(id), { set: { capacity: 0 } }, { attribute: "capacity", is: "present" });
  }

  public async demandedCapacity(nowEpochSeconds: number): Promise<number> {
    let largest = 0;
    for await (const row of this.rows.query(DEMAND_PARTITION)) {
      const { capacity, until } = demandRowSchema.parse(row);
      if (until > nowEpochSeconds) largest = Math.max(largest, capacity);
    }
    return largest;
  }

  public putUploadException(exception: UploadException): Promise<void> {
    const key = uploadExceptionKey(`${exception.bucket}/${exception.key}`);
    return this.rows.put(key, { ...toRow(exception), expiresAt: expiresAt(this.clock) });
  }

  public async getUploadException(filename: string): Promise<UploadException | undefined> {
    const row = await this.rows.get(uploadExceptionKey(filename));
    return row === undefined ? undefined : uploadExceptionSchema.parse(row);
  }

  /** Without an end: a cursor that was deleted would begin anew. */
  public putCursor(name: string, value: string): Promise<void> {
    return this.rows.put(cursorKey(name), { value });
  }

  public async getCursor(name: string): Promise<string | undefined> {
    const row = await this.rows.get(cursorKey(name));
    return row === undefined ? undefined : cursorRowSchema.parse(row).value;
  }
}
