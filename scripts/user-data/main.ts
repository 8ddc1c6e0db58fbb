import { mkdir } from "node:fs/promises";
import path from "node:path";
import { CleanUp } from "../../kit/local/processes/clean-up";
import { Batches } from "./batches";
import { Deployment } from "./deployment";
import { Host } from "./host";
import { rootFolder } from "./root-folder";
import { standIns } from "./stand-ins";
import { shellCheck } from "./shellcheck";
import { CheckFailedError, Steps, type CheckParts } from "./steps";

export { onStopSignals, readSignalFacts } from "../../kit/aws/stop-signals";
export { whatIsMissing } from "./root-folder";

export interface UserDataCheckOptions {
  readonly projectDirectory: string;
  /** For everything but the root folder; it goes afterwards. */
  readonly folder: string;
  readonly cacheDirectory: string;
  readonly archives: CheckParts["archives"];
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Runs user data on hosts that are booted for it. @throws CheckFailedError */
export async function checkUserData(options: UserDataCheckOptions): Promise<void> {
  const { archives, cacheDirectory, folder, projectDirectory } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  let since = performance.now();
  const say = (line: string): void => {
    options.say(`${line}, ${((performance.now() - since) / 1_000).toFixed(1)} s`);
    since = performance.now();
  };
  const root = await rootFolder(cacheDirectory, options.say, signal);
  const stacks = path.join(folder, "stacks");
  await mkdir(stacks);
  const { complaints, environments } = await shellCheck({ ...options, folder: stacks, root });
  if (complaints !== "") throw new CheckFailedError("ShellCheck", complaints, "");
  say(`ShellCheck: nothing to say of the user data of ${environments} environments`);
  const cleanUp = new CleanUp();
  try {
    const deployment = await Deployment.start({ ...options, signal, archiveFile: archives.first.file }, cleanUp);
    const batches = await Batches.of(projectDirectory, path.join(folder, "batches"), deployment, signal);
    const boot: CheckParts["boot"] = async (disk, instanceId) => {
      const { endpoint } = deployment;
      const instance = deployment.instance(instanceId);
      await mkdir(path.join(folder, disk), { recursive: true });
      return Host.boot(
        {
          projectDirectory,
          root,
          folder: path.join(folder, disk),
          files: standIns(endpoint, instance),
          instance,
          endpoint,
          signal,
        },
        cleanUp,
      );
    };
    await new Steps({ archives, batches, boot, deployment, say }).run();
  } finally {
    // what goes on beside what has failed
    over.abort();
    await cleanUp.run();
  }
}
