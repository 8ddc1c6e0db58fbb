import { statfs } from "node:fs/promises";
import { forgetAwsSettings } from "../../aws/forget-aws-settings";
import type { BackgroundStackOptions, HomeLocation, LocalSystem } from "../../local";
import { setVariables } from "../../lib/set-variables";
import type { LocalRuntime, StartOptions } from "./local-runtime";
import { locateHome } from "../../local/home/home-location";

// most commands start nothing: what starts is loaded by those that do
const local = () => import("../../local");

export interface RuntimeOptions {
  readonly projectDirectory: string;
  /** Asked when a command needs it: it may be gone. */
  readonly workingDirectory: () => string;
  /** `process.env`: a start takes the user's AWS settings out of it. */
  readonly environment: NodeJS.ProcessEnv;
  /** All that may be started. */
  readonly systems: readonly LocalSystem[];
  /** Programs that know these systems. @default those of the project's dist/ */
  readonly programs?: { readonly synthesis?: string; readonly supervisor?: string };
}

/**
 * The real embedded run; `FILEMILL_HOME` keeps it apart from that of others, whose home is `.filemill` of the project. What the variable
 * names is looked at by each command that needs a home, before it touches anything.
 */
export function localRuntime({ projectDirectory, workingDirectory, environment, systems, programs = {} }: RuntimeOptions): LocalRuntime {
  const home = (): HomeLocation => locateHome(environment["FILEMILL_HOME"], projectDirectory, workingDirectory());
  const toStart = (stackFiles: StartOptions["stackFiles"]) =>
    systems.flatMap((system) => {
      const stackFile = stackFiles[system.name];
      return stackFile === undefined ? [] : [{ system, stackFile }];
    });
  const optionsOf = ({ stackFiles, ...options }: StartOptions): BackgroundStackOptions => ({
    projectDirectory,
    homeDirectory: home().path,
    environment,
    systems: toStart(stackFiles),
    ...(programs.supervisor === undefined ? {} : { supervisorFile: programs.supervisor }),
    ...options,
  });
  return {
    homeDirectory: () => home().path,
    prepareHome: async () => (await local()).prepareHome(home()),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(home().path);
      return bavail * bsize;
    },
    withRunFolder: async (say, work) => (await local()).withRunFolder(home(), say, work),
    synthesize: async (names, outputDirectory, signal, from = projectDirectory, as) => {
      const { synthesizeLocal } = await import("../synthesize");
      return synthesizeLocal({
        projectDirectory: from,
        outputDirectory,
        environment,
        signal,
        systems: names,
        ...(as === undefined ? {} : { environmentName: as.environmentName }),
        variables: {
          ...setVariables(
            systems.flatMap(({ modeVariables = [], name }) => (names.includes(name) ? modeVariables : [])),
            environment,
          ),
          ...as?.variables,
        },
        ...(programs.synthesis === undefined || from !== projectDirectory ? {} : { programFile: programs.synthesis }),
      });
    },
    pinnedNode: async (signal) => (await import("../pinned-node")).findPinnedNode(projectDirectory, signal),
    start: async (options) => {
      forgetAwsSettings(environment);
      const stack = await (await local()).startLocalStack(optionsOf(options));
      return { ...stack, redeploy: ({ stackFiles, ...next }) => stack.redeploy({ ...next, systems: toStart(stackFiles) }) };
    },
    claimBackground: async (say) => {
      const { claimBackgroundStack, startClaimedStack } = await local();
      const claim = await claimBackgroundStack(home(), say);
      return { start: (options) => startClaimedStack(claim, optionsOf(options)), release: () => claim.release() };
    },
    findBackground: async () => (await local()).findBackgroundStack(home()),
    findTrouble: async () => (await local()).findTrouble(home()),
    // with the SDK's clients of three services, which nobody else needs
    readScaling: async (stack, activities) => (await import("../../local/background/scaling-view")).readScaling(stack, activities),
    setDesired: async (stack, groupName, capacity) =>
      (await import("../../local/background/scaling-view")).setDesired(stack, groupName, capacity),
    orderFleet: async (order) => (await local()).orderFleet(home(), order),
    stopBackground: async (say) => (await local()).stopBackgroundStack(home(), say),
  };
}
