import { dev } from "./dev";
import type { EnvironmentInput } from "./schema";

/**
 * All that a local run has otherwise than `dev`, each with its reason (invariant 10). A test holds that nothing else differs, here and
 * in the synthesized files.
 */
export const LOCAL_DIFFERENCES = {
  name: "its own stack",
  owner: "bucket names that show what they are",
  "queues.visibilityTimeoutSeconds": "a killed worker's job comes back in seconds, not minutes, while somebody watches",
  "fleet.workerRuntime": "workers run on the Node that runs the command",
  "workflow.fleetConcurrency": "two to four processes share one machine with the emulator",
  "workflow.lambdaConcurrency": "every concurrent Lambda is a Node process here",
  "workflow.fleetTaskTimeoutSeconds": "a stuck run ends while somebody watches",
  "planning.targetChunkBytes": "a small corpus still makes several chunks, so that all workers have some",
  "planning.splitBytes": "a file of a few MB already takes the way of a giant",
  "planning.fileOverheadBytes": "a file's calls cost about 5 ms here (the emulator's CPU), not 25 ms of network",
} as const;

/** `dev` with the values of LOCAL_DIFFERENCES. */
export const local = {
  ...dev,
  name: "local",
  owner: "local",
  queues: { ...dev.queues, visibilityTimeoutSeconds: 10 },
  fleet: { ...dev.fleet, workerRuntime: "host" },
  // 8 chunks in work or waiting for 2 workers of 2 slots; 3 Node processes beside the emulator on 2 cores
  workflow: { ...dev.workflow, fleetConcurrency: 8, lambdaConcurrency: 3, fleetTaskTimeoutSeconds: 900 },
  planning: { ...dev.planning, targetChunkBytes: 4 * 1_048_576, splitBytes: 8 * 1_048_576, fileOverheadBytes: 65_536 },
} satisfies EnvironmentInput;
