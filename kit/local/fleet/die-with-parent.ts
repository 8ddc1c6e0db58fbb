/**
 * Run before a worker's own program: the end of standard input means that the command which started the worker is gone, however it
 * went, and the worker goes with it. Waiting for that keeps no worker alive that has nothing else to do.
 */
const PROGRAM = `
const end = () => process.kill(process.pid, "SIGKILL");
process.stdin.on("end", end).on("error", end).resume().unref();
`;

/** Options of `node` that tie a process to its parent by its standard input, which must be a pipe. */
export const DIE_WITH_PARENT = ["--import", `data:text/javascript,${encodeURIComponent(PROGRAM)}`] as const;
