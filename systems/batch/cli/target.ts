import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type StackOutputs, STACK_OUTPUT_NAMES, stackOutputsSchema } from "../contracts/stack-outputs";
import { UsageError } from "../../../kit/cli/command-errors";
import type { AwsEnvironment, Target } from "./services";
import { resolveFrom } from "../../../kit/cli/resolve-from";
import { wordsOf } from "../../../kit/cli/system-error";

/** Names the file when the option doesn't. */
export const STACK_OUTPUTS_VARIABLE = "FILEMILL_STACK_OUTPUTS";

/** The local stack that is up, as far as a target needs it. */
export interface BackgroundTarget {
  readonly endpoint: string;
  readonly outputs: StackOutputs;
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
export async function findTarget({ option, variable, workingDirectory, findBackground }: TargetSources): Promise<Target> {
  const file = option ?? (variable === "" ? undefined : variable);
  if (file !== undefined) {
    const outputs = await readStackOutputs(resolveFrom(workingDirectory, file));
    return { description: `the stack deployed in ${outputs.region} (outputs: ${file})`, outputs };
  }
  const background = await findBackground();
  if (background === undefined) {
    throw new UsageError(
      "no stack to talk to: no local one is up and no deployed one was named",
      `start one with \`npx filemill local up\`, or name the file that \`terraform output -json\` wrote with --stack-outputs or ${STACK_OUTPUTS_VARIABLE}`,
    );
  }
  return { description: `the local stack at ${background.endpoint}`, outputs: background.outputs, environment: background.environment };
}

const terraformOutputsSchema = z.record(z.string(), z.object({ value: z.unknown() }));

/** Reads what `terraform output -json` wrote. @throws UsageError */
export async function readStackOutputs(file: string): Promise<StackOutputs> {
  const json = await readJson(file);
  const outer = terraformOutputsSchema.safeParse(json);
  const values = outer.success ? Object.fromEntries(Object.entries(outer.data).map(([name, { value }]) => [name, value])) : json;
  const parsed = stackOutputsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new UsageError(`'${file}' holds no outputs of a filemill stack: ${complaint(parsed.error, values)}`, FIX);
}

const FIX = "write it again with `terraform output -json > FILE` in the folder of the deployed stack";

/** Names of outputs that are missing, and of those that can't be right: one line, however many they are. */
function complaint({ issues }: z.ZodError, values: unknown): string {
  const names = [...new Set(issues.map(({ path }) => path.join(".")))];
  const isThere = (name: string): boolean => typeof values === "object" && values !== null && Object.hasOwn(values, name);
  const missing = names.filter((name) => !isThere(name));
  const wrong = names.filter(isThere);
  if (missing.length === STACK_OUTPUT_NAMES.length || missing.includes("")) return "it has none of them";
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
