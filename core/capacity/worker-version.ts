import type { LogEvent } from "../chunk-work/chunk-deps";
import type { WorkerVersions } from "../contracts/ledger-rows";
import type { Ledger } from "../ports/ledger";

/** Deployments remembered: no worker lives through as many without having retired. */
const REMEMBERED_VERSIONS = 20;

/**
 * Whether a worker is of a version that was replaced. One that nobody has announced yet is not outdated, it is newer: instances start
 * with a new launch template before the next announcement.
 */
export const isOutdated = (version: string, versions: WorkerVersions | undefined): boolean =>
  versions !== undefined && versions.current !== version && versions.earlier.includes(version);

/**
 * Tells the workers which version is deployed.
 *
 * @param version of the launch template as this stack was deployed
 * @returns whether it is a new one
 */
export async function announceWorkerVersion(
  { ledger, log }: { readonly ledger: Pick<Ledger, "workerVersions" | "putWorkerVersions">; readonly log: LogEvent },
  version: string,
): Promise<boolean> {
  const known = await ledger.workerVersions();
  if (known?.current === version) return false;
  const earlier = known === undefined ? [] : [known.current, ...known.earlier].filter((each) => each !== version);
  await ledger.putWorkerVersions({ current: version, earlier: earlier.slice(0, REMEMBERED_VERSIONS) });
  log("info", "worker_version_announced", { version, ...(known === undefined ? {} : { before: known.current }) });
  return true;
}
