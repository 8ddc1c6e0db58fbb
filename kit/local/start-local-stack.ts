import path from "node:path";
import type { SessionCredentials } from "./provision/role-credentials";
import { LOCAL_REGION } from "./emulator/emulator";
import type { Emulator } from "./emulator/emulator";
import { startInstalledEmulator } from "./emulator/installed-emulator";
import { ProvisioningError } from "./errors";
import { answeredScaling } from "./scaling/answered-scaling";
import { startMetadataServer } from "./scaling/metadata-server";
import { runMinutes } from "./scaling/policy-minutes";
import type { Fleet } from "./fleet/fleet";
import { startFleets, type StartedStacks, type StartedSystem } from "./fleet/start-fleets";
import { refuseFullDisk, START_BYTES } from "./home/disk-space";
import { watchDisk } from "./home/disk-watch";
import { homeAt, prepareHome } from "./home/home";
import { explainFullDisk } from "./home/home-errors";
import { sweepHome, tellLeft } from "./home/sweep-home";
import type { LocalStack, LocalStackOptions } from "./local-stack";
import type { LocalSystem, SystemOutputs } from "./local-system";
import { CleanUp } from "./processes/clean-up";
import { StackFolder } from "./processes/stack-folder";
import type { ProvisionedStack } from "./provision/provision";
import { redeployment } from "./redeployment";
import { watchFailures } from "./watch-failures";
import { schemaProblem } from "../lib/schema-problem";

/**
 * Starts the emulator, creates in it what was synthesized, and starts the systems' processes with what the stacks give them.
 *
 * @throws LocalRunError and its kinds, or the signal's reason; nothing is left behind then
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const cleanUp = new CleanUp();
  try {
    return await start(options, cleanUp);
  } catch (error) {
    await cleanUp.run();
    throw explainFullDisk(options.homeDirectory, error);
  }
}

async function start(options: LocalStackOptions, cleanUp: CleanUp): Promise<LocalStack> {
  const { projectDirectory, homeDirectory, signal, onStage } = options;
  const optionalSignal = signal === undefined ? {} : { signal };
  signal?.throwIfAborted();
  const home = await prepareHome(homeAt(homeDirectory, projectDirectory), onStage);
  for (const line of tellLeft(await sweepHome(home))) onStage?.(line);
  await refuseFullDisk(home, START_BYTES);
  // made before the environment is looked for: while there is a stack, no sweep removes an environment
  const folder = await StackFolder.create(home);
  cleanUp.add(() => folder.remove());

  const timeFactor = options.timeFactor ?? 1;
  const { alarms, answered, connect, scaling } = answeredScaling(timeFactor);
  cleanUp.add(() => {
    scaling.stop();
    return Promise.resolve();
  });
  // loaded while the emulator gets ready
  const provisioning = lazily(() => import("./provision"));
  const answering = lazily(() => import("./scaling/local-services"));
  const installation = {
    homeDirectory: home,
    requirementsFile: path.join(projectDirectory, "kit", "local", "emulator", "requirements.txt"),
    environment: options.environment ?? {},
    ...(onStage === undefined ? {} : { onStage }),
    ...optionalSignal,
  };
  const emulator = await startInstalledEmulator(installation, {
    launcherFile: path.join(projectDirectory, "kit", "local", "emulator", "launcher.py"),
    folder,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.plainHttp === undefined ? {} : { plainHttp: options.plainHttp }),
    ...(options.nodeFile === undefined ? {} : { nodeFile: options.nodeFile }),
    ...optionalSignal,
    timeFactor,
    answered,
    onSpawned: () => void Promise.all([provisioning(), answering()]),
  });
  cleanUp.add(() => emulator.stop());
  const { assumeRole, checkUnenforcedPermissions, Clients, provisionStack } = await provisioning();
  const services = await answering();
  const clients = new Clients(emulator.endpoint, emulator.secrets.root);
  connect(emulator, clients, services);
  cleanUp.add(() => {
    clients.destroy();
    return Promise.resolve();
  });

  onStage?.(`provisioning the ${options.systems.length === 1 ? "stack" : `stacks of ${names(options.systems)}`}`);
  const stacks: StartedSystem[] = [];
  for (const { system, stackFile } of options.systems) {
    const stack = await orEmulatorsEnd(provisionStack({ stackFile, clients, ...optionalSignal }), emulator);
    stacks.push({ system, stack });
  }
  if (options.redeployable !== true) await emulator.seal();
  const outputs = Object.fromEntries(
    await Promise.all(stacks.map(async ({ system, stack }) => [system.name, await checkedOutputs(system, stack)] as const)),
  );
  // asked while the processes start; the answers are awaited below
  const checked = Promise.allSettled(stacks.map(({ stack }) => checkUnenforcedPermissions(stack, clients, signal)));

  const assume = (roleArn: string, sessionName: string): Promise<SessionCredentials> => assumeRole(clients, roleArn, sessionName);
  const metadata = await startMetadataServer(scaling, LOCAL_REGION);
  cleanUp.add(() => metadata.close());
  const fleets = await startFleets(options, { stacks, emulator, assume, folder, scaling, metadata, cleanUp });
  const endMinutes = runMinutes({ scaling, alarms, depths: () => services.queueDepths(clients), say: (line) => onStage?.(line) });
  const disk = watchDisk({ home, folder: folder.path, ...(onStage === undefined ? {} : { say: onStage }) });
  const watch = watchFailures(emulator, fleets, disk);
  cleanUp.add(async () => {
    watch.silence();
    disk.stop();
    scaling.stop();
    await endMinutes();
    await Promise.all(fleets.map((fleet) => fleet.stop()));
  });
  for (const result of await checked) if (result.status === "rejected") throw result.reason;
  signal?.throwIfAborted();
  const redeploy = redeployment({ options, emulator, clients, fleets, stacks, update: (await provisioning()).updateStack });
  return makeStack({ emulator, fleets, assume, outputs, watch, redeploy, stop: () => cleanUp.run() });
}

const names = (systems: LocalStackOptions["systems"]): string => systems.map(({ system }) => system.name).join(", ");

/** Loads a module at the first call, and gives the same one from then on. */
function lazily<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}

/** A call to an emulator that is gone would go on trying. */
const orEmulatorsEnd = <T>(work: Promise<T>, emulator: Emulator): Promise<T> =>
  Promise.race([
    work,
    emulator.ended.then((how): never => {
      throw new ProvisioningError("the emulator", `it ended while the stack was made (${how})`, "try again");
    }),
  ]);

async function checkedOutputs({ outputs }: LocalSystem, stack: ProvisionedStack): Promise<SystemOutputs[string]> {
  const parsed = (await outputs()).safeParse(stack.outputs);
  if (parsed.success) return parsed.data;
  throw new ProvisioningError(
    "output",
    `the stack's outputs are not usable: ${schemaProblem(parsed.error)}`,
    "correct the stack's outputs",
  );
}

interface StackParts {
  readonly redeploy: LocalStack["redeploy"];
  readonly emulator: Emulator;
  readonly fleets: readonly Fleet[];
  readonly assume: StartedStacks["assume"];
  readonly outputs: SystemOutputs;
  readonly watch: ReturnType<typeof watchFailures>;
  readonly stop: () => Promise<void>;
}

function makeStack({ emulator, fleets, assume, outputs, redeploy, watch, stop }: StackParts): LocalStack {
  const place = { AWS_ENDPOINT_URL: emulator.endpoint, AWS_REGION: LOCAL_REGION, AWS_DEFAULT_REGION: LOCAL_REGION };
  const { control, root } = emulator.secrets;
  return {
    endpoint: emulator.endpoint,
    outputs,
    environment: { ...place, AWS_ACCESS_KEY_ID: root.accessKeyId, AWS_SECRET_ACCESS_KEY: root.secretAccessKey },
    controlSecret: control,
    roleEnvironment: async (roleArn) => {
      const session = await assume(roleArn, "local");
      return {
        ...place,
        AWS_ACCESS_KEY_ID: session.accessKeyId,
        AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
        AWS_SESSION_TOKEN: session.sessionToken,
      };
    },
    denials: () => emulator.traffic.denials(),
    calls: () => emulator.traffic.calls(),
    usage: async () => {
      const [cpu, workers] = await Promise.all([emulator.cpuSeconds(), Promise.all(fleets.map((fleet) => fleet.cpuSeconds()))]);
      return { ...cpu, workers: workers.flat() };
    },
    failed: watch.failed,
    failure: watch.failure,
    ended: emulator.ended.then(() => undefined),
    redeploy,
    stop,
  };
}
