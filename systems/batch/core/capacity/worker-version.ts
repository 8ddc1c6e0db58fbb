import type { LogEvent } from "../../../../kit/lib/log";
import type { WorkerVersion } from "../../contracts/ledger-rows";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";
import { HEALTHY } from "./fleet-health";

/** What a worker's instance was made from, and when it booted (milliseconds since the epoch). */
export interface HostVersion {
  readonly version: string;
  readonly bootedAt: number;
}

/**
 * Whether another version was deployed since a worker's instance booted. One that booted after the last announcement is not outdated,
 * whatever its version: it was made from a launch template that is to be announced yet.
 */
export const isOutdated = (host: HostVersion, deployed: WorkerVersion | undefined): boolean =>
  deployed !== undefined && deployed.version !== host.version && deployed.announcedAt > host.bootedAt;

export interface AnnounceDeps {
  readonly ledger: Pick<Ledger, "workerVersion" | "putWorkerVersion" | "fleetHealth" | "putFleetHealth">;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/**
 * Tells the workers which version is deployed. A halted fleet may launch again: what did not start was the version before.
 *
 * @param version of the launch template as this stack was deployed
 * @returns whether it is a new one
 */
export async function announceWorkerVersion({ clock, ledger, log }: AnnounceDeps, version: string): Promise<boolean> {
  const known = await ledger.workerVersion();
  if (known?.version === version) return false;
  if ((await ledger.fleetHealth())?.halt !== undefined) await ledger.putFleetHealth(HEALTHY);
  await ledger.putWorkerVersion({ version, announcedAt: clock.now() });
  log("info", "worker_version_announced", { version, before: known?.version });
  return true;
}
