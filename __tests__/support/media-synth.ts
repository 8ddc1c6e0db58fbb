import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { App } from "cdktf";
import { z } from "zod";
import { classifyFunction } from "../../lambdas/media/classify/function";
import { configuration } from "../../systems/media/config/configuration";
import type { EnvironmentConfig } from "../../systems/media/config/schema";
import { MediaStack } from "../../systems/media/stack/media-stack";
import { oncePerRun } from "./run-cache";
import { inFolder, type SynthesizedStack } from "./synth";

const bodies = z.object({ resource: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))) });

function synthesizeText(config: EnvironmentConfig, directory: string): string {
  const buildDirectory = path.join(directory, "dist");
  mkdirSync(path.join(buildDirectory, "lambdas", "media"), { recursive: true });
  writeFileSync(path.join(buildDirectory, "lambdas", "media", `${classifyFunction.name}.zip`), "stand-in for the zip");
  const app = new App({ outdir: path.join(directory, "out") });
  new MediaStack(app, { config, buildDirectory });
  app.synth();
  return readFileSync(path.join(directory, "out", "stacks", `media-${config.name}`, "cdk.tf.json"), "utf8");
}

/** Resources of the media system's stack in an environment, with stand-ins for what the build makes; synthesized once in a run. */
export const synthesizeMedia = (config: EnvironmentConfig): Pick<SynthesizedStack, "resource"> =>
  bodies.parse(JSON.parse(oncePerRun(`media ${JSON.stringify(config)}`, () => inFolder((directory) => synthesizeText(config, directory)))));

/** Every environment of it, synthesized once. */
export const everyMediaEnvironment = (): { name: string; config: EnvironmentConfig; stack: Pick<SynthesizedStack, "resource"> }[] =>
  configuration.environments.map((name) => {
    const config = configuration.load({ FILEMILL_ENVIRONMENT: name });
    return { name, config, stack: synthesizeMedia(config) };
  });
