import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { App } from "cdktf";
import { missingCredentials, missingTerraform } from "./kit/aws/deployment-needs";
import { ConfigurationError } from "./kit/config/errors";
import { loadConfiguration } from "./systems/batch/config/load";
import { BatchStack } from "./systems/batch/stack/batch-stack";
import { summaryOf, type Synthesized } from "./kit/synth/summary";

/** The configuration is not usable, as the shell's convention for a wrong call has it. */
const EXIT_UNUSABLE = 2;

/** Synthesizes the environment that FILEMILL_ENVIRONMENT names: cdktf.out/stacks/batch-<environment>/cdk.tf.json. */
function main(): void {
  const config = loadConfiguration(process.env);
  // dist/: this program lies beside what it deploys, and whatever starts it has built all of it (scripts/synth.mjs, bin/filemill.js)
  const buildDirectory = path.resolve(__dirname);
  const app = new App({ outdir: outputFolder(process.env["CDKTF_OUTDIR"] ?? "cdktf.out") });
  const { node } = new BatchStack(app, { config, buildDirectory });
  app.synth();
  const file = path.join(app.outdir, "stacks", node.id, "cdk.tf.json");
  const { resource: resources } = JSON.parse(readFileSync(file, "utf8")) as { resource: Synthesized["resources"] };
  process.stdout.write(summaryOf({ name: node.id, environment: config.name, file: path.relative("", file), resources }));
}

/** Makes the folder with what lies above it, which the library doesn't. @throws ConfigurationError when that can't be */
function outputFolder(outdir: string): string {
  try {
    if (outdir === "") throw new Error("the value is empty");
    mkdirSync(outdir, { recursive: true });
    return outdir;
  } catch (error) {
    const problem = `  '${outdir}': ${error instanceof Error ? error.message : String(error)}`;
    throw new ConfigurationError(
      "CDKTF_OUTDIR, the folder of what is synthesized,",
      problem,
      "Give a folder that can be made and written.",
    );
  }
}

/**
 * cdktf doesn't say whether it synthesizes or deploys, and where Terraform is missing its own error doesn't name it: so what a deployment
 * needs and isn't there is told after each synthesis of cdktf's command, which gives the program its context so.
 */
function tellMissing(): void {
  if (process.env["CDKTF_CONTEXT_JSON"] === undefined) return;
  for (const missing of [missingTerraform(process.env), missingCredentials(process.env)])
    if (missing !== undefined) process.stdout.write(`missing for a deployment: ${missing.problem}\nfix: ${missing.fix}\n`);
}

try {
  main();
  tellMissing();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = EXIT_UNUSABLE;
}
