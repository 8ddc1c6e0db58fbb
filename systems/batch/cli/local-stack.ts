import { statfs } from "node:fs/promises";
import { forgetAwsSettings } from "../../../kit/aws/forget-aws-settings";
import {
  claimBackgroundStack,
  findBackgroundStack,
  findTrouble,
  locateHome,
  prepareHome,
  startClaimedStack,
  startLocalStack,
  stopBackgroundStack,
  withRunFolder,
} from "../../../kit/local";
import type { HomeLocation, LocalStackOptions } from "../../../kit/local";
import type { LocalRuntime, StartOptions } from "./local-runtime";
import { findPinnedNode } from "../../../kit/cli/pinned-node";
import { synthesizeLocal } from "../../../kit/cli/synthesize";

/**
 * The real embedded run; `FILEMILL_HOME` keeps it apart from that of others, whose home is `.filemill` of the project. What the variable
 * names is looked at by each command that needs a home, before it touches anything.
 *
 * @param workingDirectory asked when a command needs it: it may be gone
 * @param environment `process.env`: a start takes the user's AWS settings out of it
 */
export function localRuntime(projectDirectory: string, workingDirectory: () => string, environment: NodeJS.ProcessEnv): LocalRuntime {
  const home = (): HomeLocation => locateHome(environment["FILEMILL_HOME"], projectDirectory, workingDirectory());
  const optionsOf = (options: StartOptions): LocalStackOptions => ({
    projectDirectory,
    homeDirectory: home().path,
    environment,
    ...options,
  });
  return {
    homeDirectory: () => home().path,
    prepareHome: async () => prepareHome(home()),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(home().path);
      return bavail * bsize;
    },
    withRunFolder: async (say, work) => withRunFolder(home(), say, work),
    synthesize: (outputDirectory, signal) => synthesizeLocal({ projectDirectory, outputDirectory, environment, signal }),
    pinnedNode: (signal) => findPinnedNode(projectDirectory, signal),
    start: async (options) => {
      forgetAwsSettings(environment);
      return startLocalStack(optionsOf(options));
    },
    claimBackground: async (say) => {
      const claim = await claimBackgroundStack(home(), say);
      return { start: (options) => startClaimedStack(claim, optionsOf(options)), release: () => claim.release() };
    },
    findBackground: async () => findBackgroundStack(home()),
    findTrouble: async () => findTrouble(home()),
    stopBackground: async (say) => stopBackgroundStack(home(), say),
  };
}
