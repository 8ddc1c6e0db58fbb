import {
  claimBackgroundStack,
  findBackgroundStack,
  findTrouble,
  locateHome,
  startClaimedStack,
  startLocalStack,
  stopBackgroundStack,
  withRunFolder,
} from "../local";
import type { HomeLocation, LocalStackOptions } from "../local";
import type { LocalRuntime, StartOptions } from "./local-runtime";
import { synthesizeLocal } from "./synthesize";

/**
 * The real embedded run; `FILEMILL_HOME` keeps it apart from that of others, whose home is `.filemill` of the project. What the variable
 * names is looked at by each command that needs a home, before it touches anything.
 */
export function localRuntime(projectDirectory: string, workingDirectory: string, environment: NodeJS.ProcessEnv): LocalRuntime {
  const home = (): HomeLocation => locateHome(environment["FILEMILL_HOME"], projectDirectory, workingDirectory);
  const optionsOf = (options: StartOptions): LocalStackOptions => ({
    projectDirectory,
    homeDirectory: home().path,
    environment,
    ...options,
  });
  return {
    withRunFolder: async (say, work) => withRunFolder(home(), say, work),
    synthesize: (outputDirectory, signal) => synthesizeLocal({ projectDirectory, outputDirectory, environment, signal }),
    start: async (options) => startLocalStack(optionsOf(options)),
    claimBackground: async (say) => {
      const claim = await claimBackgroundStack(home(), say);
      return { start: (options) => startClaimedStack(claim, optionsOf(options)), release: () => claim.release() };
    },
    findBackground: async () => findBackgroundStack(home()),
    findTrouble: async () => findTrouble(home()),
    stopBackground: async (say) => stopBackgroundStack(home(), say),
  };
}
