/** What the command's exit code tells a script. */
export const EXIT = {
  /** Every file was processed or skipped. */
  done: 0,
  /** The run failed: the emulator or a worker was lost, a permission is missing, the batch failed. */
  failed: 1,
  /** Wrong usage or input: nothing was started, or the plan refused it. */
  usage: 2,
  /** The batch is complete, but some files are quarantined, or were skipped because they can't be read. */
  quarantined: 3,
  cancelled: 4,
  /** What was asked for is done, but standard output or error could not be written: what it says is lost, or a part of it. */
  unwritten: 5,
  /** Ctrl-C or SIGTERM. */
  interrupted: 130,
} as const;
export type ExitName = keyof typeof EXIT;
export type ExitCode = (typeof EXIT)[ExitName];
