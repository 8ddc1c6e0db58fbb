import type { FleetConfig } from "./fleet-schema";
import { ARCHITECTURES, type Architecture } from "./instance-types";

/** The archive below dist/worker that workers on an architecture run; scripts/build/worker-archive.mjs makes them under these names. */
export function workerArchiveFile({ workerRuntime }: Pick<FleetConfig, "workerRuntime">, architecture: Architecture): string {
  if (workerRuntime === "host") return "worker.tar.gz";
  return `worker-linux-${architecture === "arm64" ? "arm64" : "x64"}.tar.gz`;
}

/**
 * A synthesized stack whose workers run on the Node of this machine: the archives that bring one along are built for deployments only.
 *
 * @param stack text of its cdk.tf.json
 */
export const onHostRuntime = (stack: string): string =>
  ARCHITECTURES.reduce(
    (text, architecture) =>
      text.replaceAll(
        workerArchiveFile({ workerRuntime: "bundled" }, architecture),
        workerArchiveFile({ workerRuntime: "host" }, architecture),
      ),
    stack,
  );
