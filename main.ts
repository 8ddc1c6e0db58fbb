import path from "node:path";
import { App } from "cdktf";
import { ConfigurationError } from "./config/errors";
import { loadConfiguration } from "./config/load";
import { BatchStack } from "./stacks/batch/batch-stack";
import { BuildMissingError, checkBuild } from "./stacks/build-check";

/** The configuration or what was built is not usable, as the shell's convention for a wrong call has it. */
const EXIT_UNUSABLE = 2;

/** Synthesizes the environment that FILEMILL_ENVIRONMENT names: cdktf.out/stacks/batch-<environment>/cdk.tf.json. */
function main(): void {
  const config = loadConfiguration(process.env);
  // dist/: this program lies beside what it deploys
  const buildDirectory = path.resolve(__dirname);
  checkBuild(buildDirectory);
  const app = new App({ outdir: process.env["CDKTF_OUTDIR"] ?? "cdktf.out" });
  new BatchStack(app, { config, buildDirectory });
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof BuildMissingError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = EXIT_UNUSABLE;
}
