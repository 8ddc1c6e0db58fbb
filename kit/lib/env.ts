import { setVariables } from "./set-variables";
import { z } from "zod";

/** A process's environment doesn't fit its schema: every problem in one message. */
export class EnvironmentError extends Error {
  public override readonly name = "EnvironmentError";
  public constructor(processName: string, problems: string) {
    super(
      `the environment of ${processName} is not usable:\n${problems}\nset the variables named above; docs/architecture.md says where each is described`,
    );
  }
}

/** The environment of a process as Terraform must write it: every key of the schema that is not optional, as text. */
export type EnvironmentOf<S extends z.ZodObject> = {
  readonly [K in keyof S["shape"] as undefined extends z.input<S["shape"][K]> ? never : K]: string;
} & { readonly [K in keyof S["shape"]]?: string };

/**
 * Reads a process's environment through its schema. Composition roots only: everything else receives values.
 *
 * @throws EnvironmentError with every problem listed
 */
export function readEnvironment<S extends z.ZodObject>(processName: string, schema: S, source: NodeJS.ProcessEnv): z.output<S> {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  throw new EnvironmentError(processName, parsed.error.issues.map((issue) => problemOf(issue, source)).join("\n"));
}

/** Cause and value of one variable's problem. */
function problemOf({ message, path }: z.core.$ZodIssue, source: NodeJS.ProcessEnv): string {
  const name = String(path[0]);
  const value = source[name];
  return value === undefined ? `  ${name} is not set` : `  ${name} is '${value}': ${message}`;
}

/** What any program needs of the one who starts it: where commands and temporary files are, and the language. */
const PLAIN_NAMES = ["PATH", "TMPDIR", "LANG", "LC_ALL"] as const;

/**
 * The environment of a synthesis: what it makes must not depend on variables that are meant for a deployment (`FILEMILL_*`, `CDKTF_*`,
 * `AWS_*`) or for other programs.
 *
 * @param source the environment of whoever starts it
 * @param name the environment to synthesize, as FILEMILL_ENVIRONMENT names it
 * @param outputDirectory where the stacks go
 * @param systems names of the systems whose stacks are made; none: the one that is meant where none is named
 */
export const synthesisEnvironment = (
  source: NodeJS.ProcessEnv,
  name: string,
  outputDirectory: string,
  systems: readonly string[] = [],
): Record<string, string | undefined> => ({
  ...setVariables(PLAIN_NAMES, source),
  FILEMILL_ENVIRONMENT: name,
  ...(systems.length === 0 ? {} : { FILEMILL_SYSTEMS: systems.join(",") }),
  CDKTF_OUTDIR: outputDirectory,
  CHECKPOINT_DISABLE: "1",
});

/** A whole number written as text. */
export const wholeNumber = (minimum: number, maximum: number): z.ZodType<number, string> =>
  z.string().regex(/^\d+$/, "expected a whole number").transform(Number).pipe(z.number().min(minimum).max(maximum));

/** Names separated by commas, at least one. */
export const commaList: z.ZodType<string[], string> = z
  .string()
  .min(1)
  .transform((text) => text.split(",").map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)));
