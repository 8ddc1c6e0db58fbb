import path from "node:path";
import { startCredentialsServer } from "../credentials/credentials-server";
import type { SessionCredentials } from "../provision/role-credentials";
import type { Emulator } from "../emulator/emulator";
import type { LocalStackOptions } from "../local-stack";
import { describeProcesses, type LocalProcess, type LocalSystem } from "../local-system";
import type { CleanUp } from "../processes/clean-up";
import type { StackFolder } from "../processes/stack-folder";
import type { ProvisionedStack } from "../provision/provision";
import { startFleet, type Fleet, type NextWorkers } from "./fleet";

const DRAIN_TIMEOUT_MS = 5_000;

export interface StartedSystem {
  readonly system: LocalSystem;
  readonly stack: ProvisionedStack;
}

/** What processes are started beside. */
export interface StartedStacks {
  readonly stacks: readonly StartedSystem[];
  readonly emulator: Emulator;
  readonly assume: (roleArn: string, sessionName: string) => Promise<SessionCredentials>;
  readonly folder: StackFolder;
  readonly cleanUp: CleanUp;
}

/** A fleet, and what it is made of. */
export interface StartedFleet extends Fleet {
  readonly system: LocalSystem;
  /** Of its processes: `worker`. */
  readonly name: string;
  /** What its processes are started with, by another version of its stack. */
  readonly nextOf: (stack: ProvisionedStack, programFile: string | undefined) => NextWorkers;
}

/** Starts the processes that were asked for, with what their system's stack gives them. @throws FleetError when one can't be started */
export async function startFleets(options: LocalStackOptions, started: StartedStacks): Promise<readonly StartedFleet[]> {
  const wanted = started.stacks.flatMap(({ system, stack }) =>
    system.processes.flatMap((process) => {
      const count = options.processes[process.name] ?? 0;
      return count === 0 ? [] : [{ system, process, stack, count }];
    }),
  );
  const fleets: StartedFleet[] = [];
  try {
    for (const { system, process, stack, count } of wanted) {
      fleets.push({ ...(await startOne(options, started, process, stack, count)), system });
    }
  } catch (error) {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    throw error;
  }
  return fleets;
}

async function startOne(
  options: LocalStackOptions,
  { emulator, assume, folder, cleanUp }: StartedStacks,
  { name, program, purpose, settingsOf }: LocalProcess,
  stack: ProvisionedStack,
  count: number,
): Promise<Omit<StartedFleet, "system">> {
  options.onStage?.(`starting ${describeProcesses({ [name]: count })} for ${purpose}`);
  const credentials = await startCredentialsServer();
  cleanUp.add(() => credentials.close());
  const nextOf: StartedFleet["nextOf"] = (of, programFile) => {
    const settings = settingsOf(of);
    return {
      entryFile: programFile ?? path.join(options.projectDirectory, "dist", program),
      environment: (worker) => ({
        ...settings.environment,
        AWS_ENDPOINT_URL: emulator.endpoint,
        // the session's name tells the process in denials
        ...credentials.register(`${name}-${worker}`, () => assume(settings.roleArn, `${name}-${worker}`)),
      }),
    };
  };
  const fleet = await startFleet({
    ...nextOf(stack, options.programFiles?.[name]),
    folder,
    name,
    workers: count,
    ...(options.nodeFile === undefined ? {} : { nodeFile: options.nodeFile }),
    drainTimeoutMs: options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS,
    replaceLostWorkers: options.replaceLostWorkers ?? true,
    ...(options.onStage === undefined ? {} : { onReplaced: options.onStage }),
  });
  return { ...fleet, name, nextOf };
}
