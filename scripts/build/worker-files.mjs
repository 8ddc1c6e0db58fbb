/** Files of the fleet's worker, each bundled of the source of its name in worker/: its program, and what its threads run. */
export const WORKER_FILES = ["main.js", "thread.js"];
