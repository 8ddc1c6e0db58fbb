import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { AwsEnvironment, OutputsOf, SystemOutputs } from "../local";
import { outputsOf } from "../local";
import { UsageError } from "./command-errors";
import { resolveFrom } from "./resolve-from";
import { wordsOf } from "./system-error";

/** Names the file when the option doesn't. */
export const STACK_OUTPUTS_VARIABLE = "FILEMILL_STACK_OUTPUTS";

/** A stack to talk to. */
export interface Target<Outputs> {
  /** For people: `the local stack at http://127.0.0.1:4566`. */
  readonly description: string;
  readonly outputs: Outputs;
  /** Enough for any AWS client; absent for a deployed stack, whose credentials are the user's own. */
  readonly environment?: AwsEnvironment;
}

/** The local stack that is up, as far as a target needs it. */
export interface BackgroundTarget {
  readonly endpoint: string;
  readonly outputs: SystemOutputs;
  readonly environment: AwsEnvironment;
}

export interface TargetSources {
  /** Of `--stack-outputs`. */
  readonly option: string | undefined;
  /** Of the variable. */
  readonly variable: string | undefined;
  readonly workingDirectory: string;
  readonly findBackground: () => Promise<BackgroundTarget | undefined>;
}

/**
 * The stack a command talks to: the option's, else the variable's, else the local one that is up. What was named goes before what
 * was found, so that a forgotten local stack can't take the place of the one that was meant.
 *
 * @throws UsageError
 */
export async function findTarget<Outputs extends z.ZodObject>(
  system: OutputsOf<Outputs>,
  { option, variable, workingDirectory, findBackground }: TargetSources,
): Promise<Target<z.output<Outputs>>> {
  const file = option ?? (variable === "" ? undefined : variable);
  if (file !== undefined) {
    const outputs = await readStackOutputs(system, resolveFrom(workingDirectory, file));
    return { description: `the stack deployed${regionOf(outputs)} (outputs: ${file})`, outputs };
  }
  const background = await findBackground();
  if (background === undefined) {
    throw new UsageError(
      "no stack to talk to: no local one is up and no deployed one was named",
      `start one with \`npx filemill local up\`, or name the file that \`terraform output -json\` wrote with --stack-outputs or ${STACK_OUTPUTS_VARIABLE}`,
    );
  }
  const outputs = outputsOf(background.outputs, system);
  if (outputs === undefined) {
    throw new UsageError(
      `the local stack at ${background.endpoint} has no system '${system.name}'; it has ${Object.keys(background.outputs).join(", ")}`,
      `stop it with \`npx filemill local down\`, and start one with \`npx filemill local up --system ${system.name}\``,
    );
  }
  return { description: `the local stack at ${background.endpoint}`, outputs, environment: background.environment };
}

const regionOf = ({ region }: Readonly<Record<string, unknown>>): string => (typeof region === "string" ? ` in ${region}` : "");

const terraformOutputsSchema = z.record(z.string(), z.object({ value: z.unknown() }));

/** Reads what `terraform output -json` wrote. @throws UsageError */
export async function readStackOutputs<Outputs extends z.ZodObject>(
  { outputs: schema }: OutputsOf<Outputs>,
  file: string,
): Promise<z.output<Outputs>> {
  const json = await readJson(file);
  const outer = terraformOutputsSchema.safeParse(json);
  const values = outer.success ? Object.fromEntries(Object.entries(outer.data).map(([name, { value }]) => [name, value])) : json;
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `'${file}' holds no outputs of a filemill stack: ${complaint(parsed.error, values, Object.keys(schema.shape))}`,
    FIX,
  );
}

const FIX = "write it again with `terraform output -json > FILE` in the folder of the deployed stack";

/** Names of outputs that are missing, and of those that can't be right: one line, however many they are. */
function complaint({ issues }: z.ZodError, values: unknown, all: readonly string[]): string {
  const names = [...new Set(issues.map(({ path }) => path.join(".")))];
  const isThere = (name: string): boolean => typeof values === "object" && values !== null && Object.hasOwn(values, name);
  const missing = names.filter((name) => !isThere(name));
  const wrong = names.filter(isThere);
  if (!all.some(isThere)) return "it has none of them";
  return [
    ...(missing.length === 0 ? [] : [`${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing`]),
    ...(wrong.length === 0 ? [] : [`${wrong.join(", ")} ${wrong.length === 1 ? "has" : "have"} no usable value`]),
  ].join("; ");
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`can't read the stack's outputs in '${file}': ${wordsOf(error)}`, FIX, { cause: error });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`'${file}' is not JSON`, FIX, { cause: error });
  }
}
