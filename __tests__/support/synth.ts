import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App } from "cdktf";
import { z } from "zod";
import { ENVIRONMENT_NAMES, type EnvironmentName } from "../../systems/batch/config/environment-names";
import { configuration } from "../../systems/batch/config/configuration";
import type { EnvironmentConfig } from "../../systems/batch/config/schema";
import { LAMBDA_NAMES } from "../../lambdas/batch/functions";
import { BatchStack } from "../../systems/batch/stack/batch-stack";
import { oncePerRun } from "./run-cache";

const body = z.record(z.string(), z.unknown());
/** A synthesized stack, read as Terraform will read it. */
export const synthesizedStackSchema = z.object({
  resource: z.record(z.string(), z.record(z.string(), body)),
  data: z.record(z.string(), z.record(z.string(), body)).default({}),
  locals: z.record(z.string(), z.string()).default({}),
  output: z.record(z.string(), z.object({ value: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.number())]) })),
  provider: z.record(z.string(), z.array(body)),
  terraform: z.object({ backend: body, required_providers: z.record(z.string(), z.object({ source: z.string(), version: z.string() })) }),
});
export type SynthesizedStack = z.output<typeof synthesizedStackSchema>;

export interface SynthesizedResource {
  readonly type: string;
  readonly id: string;
  /** As references name it: `aws_sqs_queue.Data_Jobs_35074708`. */
  readonly address: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Synthesizes a configuration below `directory`, with stand-ins for what the build makes. @returns the text of cdk.tf.json */
export function synthesizeText(config: EnvironmentConfig, directory: string): string {
  const buildDirectory = path.join(directory, "dist");
  mkdirSync(path.join(buildDirectory, "lambdas", "batch"), { recursive: true });
  for (const name of LAMBDA_NAMES)
    writeFileSync(path.join(buildDirectory, "lambdas", "batch", `${name}.zip`), `stand-in for the zip of ${name}`);
  const app = new App({ outdir: path.join(directory, "cdktf.out") });
  new BatchStack(app, { config, buildDirectory });
  app.synth();
  return readFileSync(path.join(directory, "cdktf.out", "stacks", `batch-${config.name}`, "cdk.tf.json"), "utf8");
}

/** Calls `work` with a folder of its own, which is gone afterwards. */
export function inFolder<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(path.join(tmpdir(), "filemill-synth-"));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A configuration's stack, synthesized once in a run of the tests. */
export const synthesize = (config: EnvironmentConfig): SynthesizedStack =>
  synthesizedStackSchema.parse(
    JSON.parse(oncePerRun(`batch ${JSON.stringify(config)}`, () => inFolder((directory) => synthesizeText(config, directory)))),
  );

/** The configuration of an environment as `synth` has it without other variables. */
export const configurationOf = (name: EnvironmentName, variables: Readonly<Record<string, string>> = {}): EnvironmentConfig =>
  configuration.load({ ...variables, FILEMILL_ENVIRONMENT: name });

/** Every environment synthesized once, for `describe.each`. */
export const everyEnvironment = (): { name: EnvironmentName; config: EnvironmentConfig; stack: SynthesizedStack }[] =>
  ENVIRONMENT_NAMES.map((name) => {
    const config = configurationOf(name);
    return { name, config, stack: synthesize(config) };
  });

/** All resources, at least one. */
export function allResources(stack: Pick<SynthesizedStack, "resource">): SynthesizedResource[] {
  const all = Object.entries(stack.resource).flatMap(([type, byId]) =>
    Object.entries(byId).map(([id, body]) => ({ type, id, address: `${type}.${id}`, body })),
  );
  if (all.length === 0) throw new Error("the stack has no resources: a test over them would hold for nothing");
  return all;
}

/** All resources of a type, at least one: else a loop over them would hold for nothing. */
export function resourcesOf(stack: Pick<SynthesizedStack, "resource">, type: string): SynthesizedResource[] {
  const found = allResources(stack).filter((resource) => resource.type === type);
  if (found.length === 0) throw new Error(`the stack has no ${type}: a test over all of them would hold for nothing`);
  return found;
}

/** The one resource of a type whose construct path ends so. */
export function resourceAt(stack: SynthesizedStack, type: string, constructPath: string): SynthesizedResource {
  const paths = resourcesOf(stack, type).map((resource) => ({ resource, at: constructPathOf(resource) }));
  const found = paths.filter(({ at }) => at.endsWith(constructPath));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${found.length} ${type} end with '${constructPath}'; there are ${paths.map(({ at }) => at).join(", ")}`);
  return only.resource;
}

const metadata = z.object({ "//": z.object({ metadata: z.object({ path: z.string() }) }) });
/** Path in the construct tree, without the stack and without the main child `Resource`. */
export const constructPathOf = ({ body: content }: SynthesizedResource): string =>
  metadata
    .parse(content)
    ["//"].metadata.path.replace(/^[^/]+\//, "")
    .replace(/\/Resource$/, "");

/** Resources of a type that name `target` (an address) anywhere. */
export const referrersOf = (stack: SynthesizedStack, type: string, target: SynthesizedResource): SynthesizedResource[] =>
  allResources(stack).filter((resource) => resource.type === type && JSON.stringify(resource.body).includes(`\${${target.address}.`));

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === "string" ? [value] : value));
const policySchema = z.object({
  Version: z.literal("2012-10-17"),
  Statement: z.array(
    z.object({
      Sid: z.string(),
      Effect: z.enum(["Allow", "Deny"]),
      Principal: z.unknown().optional(),
      Action: oneOrMany,
      Resource: oneOrMany.optional(),
      Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
    }),
  ),
});
export type Statement = z.output<typeof policySchema>["Statement"][number];

/** By the document's text: thousands of changed stacks share most of their documents. */
const readPolicies = new Map<unknown, readonly Statement[]>();

/** Statements of a policy document written as JSON, at least one. */
export function statementsOf(policy: unknown): readonly Statement[] {
  const known = readPolicies.get(policy);
  if (known !== undefined) return known;
  const read = readStatements(policy);
  readPolicies.set(policy, read);
  return read;
}

function readStatements(policy: unknown): Statement[] {
  const { Statement: statements } = policySchema.parse(JSON.parse(z.string().parse(policy)));
  if (statements.length === 0) throw new Error("the policy has no statements");
  return statements;
}
