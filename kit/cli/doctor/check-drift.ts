import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { readStackFile } from "../../graph/stack-file";
import type { DeployedCode } from "../../ports/deployed-code";
import { canonicalJson } from "../../lib/canonical-json";
import { ObjectMissingError, type ObjectStore } from "../../ports/object-store";
import { unknown, well, wrong, type Finding } from "./finding";

const functionSchema = z.object({
  function_name: z.string(),
  filename: z.string(),
  memory_size: z.number(),
  timeout: z.number(),
  environment: z.object({ variables: z.record(z.string(), z.unknown()) }),
});
const machineSchema = z.object({ definition: z.string() });
const archiveSchema = z.object({ source: z.string(), key: z.string() });

export interface DriftParts {
  /** cdk.tf.json as these sources make it for the stack's environment. */
  readonly stackFile: string;
  readonly code: DeployedCode;
  readonly objects: Pick<ObjectStore, "head">;
  /** The bucket of the stack that archives are uploaded to. */
  readonly bucket: string;
  /** The stack's outputs, as they were read. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

const DEPLOY = "deploy these sources, or check out what was deployed";

/**
 * Holds what is deployed against what these sources would deploy: each function's code, size and variables, the state machine, the archives
 * of workers, the outputs that are known before a deployment. It reads only.
 */
export async function checkDrift(parts: DriftParts): Promise<Finding[]> {
  const { resource, output } = await readStackFile(parts.stackFile);
  const folder = path.dirname(parts.stackFile);
  const of = (type: string): unknown[] => Object.values(resource[type] ?? {});
  const functions = await Promise.all(of("aws_lambda_function").map((given) => functionDrift(parts, folder, functionSchema.parse(given))));
  const machines = of("aws_sfn_state_machine").map((given) => machineSchema.parse(given).definition);
  const archives = of("aws_s3_object").flatMap((given) => archiveSchema.safeParse(given).data ?? []);
  return [
    merged("functions", functions, `${functions.length} have the code, size and variables of these sources`),
    ...(await Promise.all(machines.map((definition) => machineDrift(parts, definition)))),
    ...(await Promise.all(archives.map((archive) => archiveDrift(parts, folder, archive)))),
    outputsDrift(parts, Object.fromEntries(Object.entries(output).map(([name, { value }]) => [name, value]))),
  ];
}

/** One line for all that is well, and all that isn't in one. */
function merged(check: string, differences: readonly (readonly string[])[], says: string): Finding {
  const all = differences.flat();
  return all.length === 0 ? well(check, says) : wrong(check, all.join("; "), DEPLOY);
}

async function functionDrift({ code }: DriftParts, folder: string, given: z.output<typeof functionSchema>): Promise<string[]> {
  const name = given.function_name;
  const found = await code.readFunction(name);
  if (found === undefined) return [`${name} is not deployed`];
  const built = createHash("sha256")
    .update(await readFile(path.resolve(folder, given.filename)))
    .digest("base64");
  const variables = Object.keys(given.environment.variables).sort();
  return [
    ...(found.codeSha256 === built ? [] : [`${name} runs other code (${found.codeSha256}) than is built here (${built})`]),
    ...(found.memoryMebibytes === given.memory_size ? [] : [`${name} has ${found.memoryMebibytes} MiB, not ${given.memory_size}`]),
    ...(found.timeoutSeconds === given.timeout ? [] : [`${name} ends after ${found.timeoutSeconds} s, not ${given.timeout}`]),
    ...(found.variables.join() === variables.join()
      ? []
      : [`${name} has the variables ${found.variables.join(", ")}, not ${variables.join(", ")}`]),
  ];
}

/** What stands for a reference of Terraform's, in a text that is known but for those. */
const REFERENCE = /\$\{[^}]*\}/g;

async function machineDrift({ code }: DriftParts, definition: string): Promise<Finding> {
  const deployed = await code.readDefinition();
  return isFilledIn(definition, deployed)
    ? well("state machine", "it is the one of these sources")
    : wrong("state machine", "it is another one than these sources make", DEPLOY);
}

/** Whether a text is a template with its references filled in. */
export function isFilledIn(template: string, text: string): boolean {
  const [first = "", ...others] = template.split(REFERENCE);
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of others.entries()) {
    const next = index === others.length - 1 && part === "" ? text.length : text.indexOf(part, at);
    if (next < 0) return false;
    at = next + part.length;
  }
  return at === text.length;
}

/** Of an archive's key, the place of its content's hash. */
const HASH_CALL = /\$\{filesha256\([^)]*\)\}/;

async function archiveDrift(
  { bucket, objects }: DriftParts,
  folder: string,
  { key, source }: z.output<typeof archiveSchema>,
): Promise<Finding> {
  const check = "worker's archive";
  let bytes: Buffer;
  try {
    bytes = await readFile(path.resolve(folder, source));
  } catch {
    return unknown(check, `'${path.resolve(folder, source)}' is not built`, "build it: `npm run build:archive`");
  }
  const named = key.replace(HASH_CALL, createHash("sha256").update(bytes).digest("hex"));
  try {
    await objects.head(bucket, named);
  } catch (error) {
    if (!(error instanceof ObjectMissingError)) throw error;
    return wrong(check, `s3://${bucket}/${named}, which is built here, is not deployed`, DEPLOY);
  }
  return well(check, `the one that is built here is deployed (${named})`);
}

/** Outputs that a deployment makes are known afterwards only. */
function outputsDrift({ outputs }: DriftParts, synthesized: Readonly<Record<string, unknown>>): Finding {
  const known = Object.entries(synthesized).filter(([, value]) => !JSON.stringify(value).includes("${"));
  const differences = known.flatMap(([name, value]) =>
    canonicalJson(outputs[name]) === canonicalJson(value)
      ? []
      : [`${name} is ${canonicalJson(outputs[name])}, and these sources make ${canonicalJson(value)}`],
  );
  return merged("outputs", [differences], `${known.length} that are known beforehand are those of these sources`);
}
