import type { FleetConfig } from "../config/fleet-schema";
import type { Architecture } from "../config/instance-types";

/** The archive below dist/worker that workers on an architecture run; scripts/build/worker-archive.mjs makes them under these names. */
export function workerArchiveFile({ workerRuntime }: Pick<FleetConfig, "workerRuntime">, architecture: Architecture): string {
  if (workerRuntime === "host") return "worker.tar.gz";
  return `worker-linux-${architecture === "arm64" ? "arm64" : "x64"}.tar.gz`;
}
