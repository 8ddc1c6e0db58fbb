import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App } from "cdktf";
import { SYSTEMS } from "../../systems";
import { oncePerRun } from "./run-cache";
import { synthesizedStackSchema, type SynthesizedStack } from "./synth";

export interface NamedStack {
  readonly system: string;
  readonly environment: string;
  readonly stack: SynthesizedStack;
}

/**
 * Every system in every environment it has, as `synth` makes it, with stand-ins for what the build makes.
 *
 * @param variables beside the environment's name, for those systems that know them
 */
export async function everyStack(variables: Readonly<Record<string, string>> = {}): Promise<NamedStack[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "filemill-synth-"));
  try {
    const stacks: NamedStack[] = [];
    for (const { name: system, functions, environments, makeStack } of SYSTEMS) {
      const buildDirectory = path.join(directory, "dist");
      mkdirSync(path.join(buildDirectory, "lambdas", system), { recursive: true });
      for (const each of await functions())
        writeFileSync(path.join(buildDirectory, "lambdas", system, `${each}.zip`), `stand-in for ${each}`);
      for (const environment of environments) {
        const outdir = path.join(directory, `${system}-${environment}`);
        const app = new App({ outdir });
        const { name } = await makeStack(app, {
          source: { ...variables, FILEMILL_ENVIRONMENT: environment },
          alsoKnown: Object.keys(variables),
          buildDirectory,
        });
        const text = oncePerRun(`every ${name} ${JSON.stringify(variables)}`, () => {
          app.synth();
          return readFileSync(path.join(outdir, "stacks", name, "cdk.tf.json"), "utf8");
        });
        stacks.push({ system, environment, stack: synthesizedStackSchema.parse(JSON.parse(text)) });
      }
    }
    return stacks;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
