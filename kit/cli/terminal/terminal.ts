import { standardOutput } from "./output";
import type { Output, OutputStream } from "./output";

/** Where the command writes. */
export interface Terminal {
  /** Results. */
  readonly stdout: Output;
  /** All else. */
  readonly stderr: Output;
  /** A terminal behind standard error where lines can be drawn anew; undefined in logs, pipes, and where TERM says that it can't. */
  readonly screen: OutputStream | undefined;
}

/** Columns of a table where no terminal says how many there are. */
const DEFAULT_COLUMNS = 80;
/** On a narrower one nothing is readable anyway. */
const MINIMUM_COLUMNS = 40;

/** Columns that a table on standard output may take. */
export const tableColumns = ({ stdout }: Pick<Terminal, "stdout">): number => Math.max(stdout.columns ?? DEFAULT_COLUMNS, MINIMUM_COLUMNS);

/** The terminal of this process. */
export function processTerminal({ stdout, stderr }: Pick<NodeJS.Process, "stdout" | "stderr">, environment: NodeJS.ProcessEnv): Terminal {
  return {
    stdout: standardOutput(stdout),
    stderr: standardOutput(stderr),
    screen: canRedraw(stderr, environment) ? stderr : undefined,
  };
}

/**
 * Whether cursor movements are understood and wanted. `CI` is set by build servers, which keep what is written as a log, some of them
 * behind a pseudo-terminal.
 */
export function canRedraw({ isTTY }: OutputStream, environment: NodeJS.ProcessEnv): boolean {
  const { TERM: term, CI: ci } = environment;
  return isTTY === true && term !== "dumb" && (ci === undefined || ["", "0", "false"].includes(ci.toLowerCase()));
}
