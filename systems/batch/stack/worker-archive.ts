import type { FleetConfig } from "../config/fleet-schema";

/** The archive below dist/worker that an environment's workers run; scripts/build/worker-archive.mjs makes them under these names. */
export function workerArchiveFile({ workerRuntime, architecture }: Pick<FleetConfig, "workerRuntime" | "architecture">): string {
  if (workerRuntime === "host") return "worker.tar.gz";
  return `worker-linux-${architecture === "arm64" ? "arm64" : "x64"}.tar.gz`;
}
