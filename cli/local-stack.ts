import { statfs } from "node:fs/promises";
import path from "node:path";
import { forgetAwsSettings } from "../adapters/forget-aws-settings";
import { findBackgroundStack, startBackgroundStack, startLocalStack, stopBackgroundStack } from "../local";
import type { LocalStackOptions } from "../local";
import type { LocalRuntime, StartOptions } from "./local-runtime";
import { synthesizeLocal } from "./synthesize";

/**
 * The real embedded run; `FILEMILL_HOME` keeps it apart from that of others, whose home is `.filemill` of the project.
 *
 * @param environment `process.env`: a start takes the user's AWS settings out of it
 */
export function localRuntime(projectDirectory: string, environment: NodeJS.ProcessEnv): LocalRuntime {
  const homeDirectory = path.resolve(environment["FILEMILL_HOME"] ?? path.join(projectDirectory, ".filemill"));
  const optionsOf = (options: StartOptions): LocalStackOptions => ({ projectDirectory, homeDirectory, ...options });
  return {
    homeDirectory,
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(homeDirectory);
      return bavail * bsize;
    },
    synthesize: (outputDirectory, signal) => synthesizeLocal({ projectDirectory, outputDirectory, environment, signal }),
    start: (options) => {
      forgetAwsSettings(environment);
      return startLocalStack(optionsOf(options));
    },
    startBackground: (options) => startBackgroundStack(optionsOf(options)),
    findBackground: () => findBackgroundStack(homeDirectory),
    stopBackground: async () => {
      await stopBackgroundStack(homeDirectory);
    },
  };
}
