import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { missingCredentials, missingTerraform } from "../aws/deployment-needs";
import { ConfigurationError } from "../config/errors";
import { readSystemsVariable, SYSTEMS_VARIABLE, systemsNamed } from "../config/systems-variable";
import { messageOf } from "../folders/system-errors";
import { summaryOf } from "./summary";
import type { Synthesized } from "./synthesized";
import type { MadeStack, Synthesizable } from "./synthesizable";

/** The configuration is not usable, as the shell's convention for a wrong call has it. */
const EXIT_UNUSABLE = 2;

/** An App of CDKTF, as far as it is used here. */
interface SynthesizedApp {
  readonly outdir: string;
  readonly synth: () => void;
}

export interface SynthesisProgram<Scope, App extends Scope & SynthesizedApp> {
  /** Every system; FILEMILL_SYSTEMS names those that are synthesized. @default the first */
  readonly systems: readonly Synthesizable<Scope>[];
  readonly makeApp: (outdir: string) => App;
  /** Absolute path of dist. */
  readonly buildDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly process: Pick<NodeJS.Process, "stdout" | "stderr"> & { exitCode?: number | string | null | undefined };
}

/**
 * Synthesizes the stacks of the systems that FILEMILL_SYSTEMS names, in the environment that FILEMILL_ENVIRONMENT names, and tells what was
 * made: a file cdktf.out/stacks/<system>-<environment>/cdk.tf.json each. What is wrong with the configuration is told on stderr, with exit
 * code 2.
 */
export async function runSynthesis<Scope, App extends Scope & SynthesizedApp>(program: SynthesisProgram<Scope, App>): Promise<void> {
  const { process, environment } = program;
  try {
    await synthesize(program);
    tellMissing(environment, process.stdout);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_UNUSABLE;
  }
}

async function synthesize<Scope, App extends Scope & SynthesizedApp>({
  systems,
  makeApp,
  buildDirectory,
  environment: source,
  process,
}: SynthesisProgram<Scope, App>): Promise<void> {
  const named = systemsNamed(systems, readSystemsVariable(source));
  const configurations = await Promise.all(systems.map(({ configuration }) => configuration()));
  const alsoKnown = [SYSTEMS_VARIABLE, ...configurations.flatMap(({ variables }) => variables)];
  const app = makeApp(outputFolder(source["CDKTF_OUTDIR"] ?? "cdktf.out"));
  const made: (MadeStack & { readonly system: string })[] = [];
  for (const system of named) made.push({ system: system.name, ...(await system.makeStack(app, { source, alsoKnown, buildDirectory })) });
  app.synth();
  for (const stack of made) {
    const file = path.join(app.outdir, "stacks", stack.name, "cdk.tf.json");
    const { resource: resources } = JSON.parse(readFileSync(file, "utf8")) as { resource: Synthesized["resources"] };
    process.stdout.write(summaryOf({ ...stack, isDefault: stack.system === systems[0]?.name, file: path.relative("", file), resources }));
  }
}

/** Makes the folder with what lies above it, which the library doesn't. @throws ConfigurationError when that can't be */
function outputFolder(outdir: string): string {
  try {
    if (outdir === "") throw new Error("the value is empty");
    mkdirSync(outdir, { recursive: true });
    return outdir;
  } catch (error) {
    throw new ConfigurationError(
      "CDKTF_OUTDIR, the folder of what is synthesized,",
      `  '${outdir}': ${messageOf(error)}`,
      "Give a folder that can be made and written.",
    );
  }
}

/**
 * cdktf doesn't say whether it synthesizes or deploys, and where Terraform is missing its own error doesn't name it: so what a deployment
 * needs and isn't there is told after each synthesis of cdktf's command, which gives the program its context so.
 */
function tellMissing(environment: NodeJS.ProcessEnv, stdout: Pick<NodeJS.WriteStream, "write">): void {
  if (environment["CDKTF_CONTEXT_JSON"] === undefined) return;
  for (const missing of [missingTerraform(environment), missingCredentials(environment)])
    if (missing !== undefined) stdout.write(`missing for a deployment: ${missing.problem}\nfix: ${missing.fix}\n`);
}
