import { z } from "zod";
import {
  fleetHealthSchema,
  hostNoteSchema,
  uploadExceptionSchema,
  workerVersionSchema,
  type FleetHealth,
  type HostNote,
  type UploadException,
  type WorkerVersion,
} from "../../contracts/ledger-rows";
import type { Clock } from "../../../../kit/ports/clock";
import type { Row, RowKey, RowStore } from "../../../../kit/ports/row-store";
import { checkedRow } from "./checked-writes";
import {
  cursorKey,
  DEMAND_PARTITION,
  demandKey,
  expiresAt,
  FLEET_HEALTH_KEY,
  HOST_NOTE_RETENTION_SECONDS,
  hostNoteKey,
  HOSTS_PARTITION,
  SPOT_NOTICE_RETENTION_SECONDS,
  spotNoticeKey,
  uploadExceptionKey,
  WORKER_VERSION_KEY,
} from "./row-keys";
import { toRow } from "./to-row";
import { readableRows, readRow, type OnUnreadable } from "./unreadable-row";

const expires = { expiresAt: z.int() };
const spotNoticeRowSchema = z.object({ at: z.string(), ...expires });
const hostRowSchema = hostNoteSchema.extend(expires);
const demandRowSchema = z.object({ capacity: z.int().min(0), until: z.int(), ...expires });
const uploadExceptionRowSchema = uploadExceptionSchema.and(z.object(expires));
const cursorRowSchema = z.object({ value: z.string() });

/**
 * Rows that are written whole, the last one counting: demand for capacity, spot notices, signs of life and versions of workers,
 * exceptions of the upload path, cursors.
 */
export class NoteRows {
  public constructor(
    private readonly rows: RowStore,
    private readonly clock: Clock,
    private readonly onUnreadable: OnUnreadable,
  ) {}

  public putSpotNotice(worker: string, at: string): Promise<void> {
    return this.put(spotNoticeRowSchema, spotNoticeKey(worker), { at, expiresAt: expiresAt(this.clock, SPOT_NOTICE_RETENTION_SECONDS) });
  }

  public putHost(host: HostNote): Promise<void> {
    const row = { ...toRow(host), expiresAt: expiresAt(this.clock, HOST_NOTE_RETENTION_SECONDS) };
    return this.put(hostRowSchema, hostNoteKey(host.worker), row);
  }

  public hosts(): Promise<HostNote[]> {
    return readableRows(hostNoteSchema, this.rows.query(HOSTS_PARTITION), this.onUnreadable);
  }

  /** Without an end, as cursors. */
  public putWorkerVersion(version: WorkerVersion): Promise<void> {
    return this.put(workerVersionSchema, WORKER_VERSION_KEY, toRow(version));
  }

  public async workerVersion(): Promise<WorkerVersion | undefined> {
    const row = await this.rows.get(WORKER_VERSION_KEY);
    return row === undefined ? undefined : readRow(workerVersionSchema, row);
  }

  /** Without an end, as cursors. */
  public putFleetHealth(health: FleetHealth): Promise<void> {
    return this.put(fleetHealthSchema, FLEET_HEALTH_KEY, toRow(health));
  }

  public async fleetHealth(): Promise<FleetHealth | undefined> {
    const row = await this.rows.get(FLEET_HEALTH_KEY);
    return row === undefined ? undefined : readRow(fleetHealthSchema, row);
  }

  public putDemand(id: string, demand: { capacity: number; untilEpochSeconds: number }): Promise<void> {
    const { capacity, untilEpochSeconds: until } = demand;
    return this.put(demandRowSchema, demandKey(id), { capacity, until, expiresAt: until });
  }

  /** The row stays until it expires: whoever may report may change rows, not remove them. */
  public async withdrawDemand(id: string): Promise<void> {
    await this.rows.update(demandKey(id), { set: { capacity: 0 } }, { attribute: "capacity", is: "present" });
  }

  public async demandedCapacity(nowEpochSeconds: number): Promise<number> {
    let sum = 0;
    for (const { capacity, until } of await readableRows(demandRowSchema, this.rows.query(DEMAND_PARTITION), this.onUnreadable)) {
      if (until > nowEpochSeconds) sum += capacity;
    }
    return sum;
  }

  public putUploadException(exception: UploadException): Promise<void> {
    const key = uploadExceptionKey(`${exception.bucket}/${exception.key}`);
    return this.put(uploadExceptionRowSchema, key, { ...toRow(exception), expiresAt: expiresAt(this.clock) });
  }

  public async getUploadException(filename: string): Promise<UploadException | undefined> {
    const row = await this.rows.get(uploadExceptionKey(filename));
    return row === undefined ? undefined : readRow(uploadExceptionSchema, row);
  }

  /** Without an end: a cursor that was deleted would begin anew. */
  public putCursor(name: string, value: string): Promise<void> {
    return this.put(cursorRowSchema, cursorKey(name), { value });
  }

  public async getCursor(name: string): Promise<string | undefined> {
    const row = await this.rows.get(cursorKey(name));
    return row === undefined ? undefined : readRow(cursorRowSchema, row).value;
  }

  private async put(schema: z.ZodType, key: RowKey, row: Row): Promise<void> {
    await this.rows.put(key, checkedRow(schema, key, row));
  }
}
