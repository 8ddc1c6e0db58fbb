import path from "node:path";
import { startCredentialsServer, type CredentialsServer } from "../credentials/credentials-server";
import type { SessionCredentials } from "../provision/role-credentials";
import type { Emulator } from "../emulator/emulator";
import { FleetError } from "../errors";
import type { LocalStackOptions } from "../local-stack";
import { describeProcesses, type LocalProcess, type LocalSystem } from "../local-system";
import type { CleanUp } from "../processes/clean-up";
import type { StackFolder } from "../processes/stack-folder";
import type { ProvisionedStack } from "../provision/provision";
import type { LocalScaling } from "../scaling/local-scaling";
import type { MetadataServer } from "../scaling/metadata-server";
import { makeFleet, type Fleet, type NextWorkers } from "./fleet";

const DRAIN_TIMEOUT_MS = 5_000;
/** systemd's own. https://www.freedesktop.org/software/systemd/man/latest/systemd-system.conf.html#DefaultTimeoutStopSec= */
const STOP_TIMEOUT_SECONDS = 90;
const SECOND = 1_000;

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
  readonly scaling: LocalScaling;
  readonly metadata: MetadataServer;
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
  const { emulator, scaling } = started;
  const fleets: StartedFleet[] = [];
  try {
    for (const { system, stack } of started.stacks) {
      for (const process of system.processes) {
        const count = options.processes[process.name] ?? 0;
        if (count > 0) for (const fleet of await attachFleets(options, started, process, stack, count)) fleets.push({ ...fleet, system });
        // what nobody runs is not launched
        else for (const group of groupsOf(stack)) scaling.group(group).suspend(["Launch"]);
      }
    }
    scaling.begin({ onLaunch: emulator.tellInstance });
    await Promise.all(fleets.map((fleet) => fleet.settled()));
  } catch (error) {
    scaling.stop();
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    throw error;
  }
  return fleets;
}

async function attachFleets(
  options: LocalStackOptions,
  started: StartedStacks,
  process: LocalProcess,
  stack: ProvisionedStack,
  count: number,
): Promise<readonly Omit<StartedFleet, "system">[]> {
  const { name, purpose } = process;
  options.onStage?.(`starting ${describeProcesses({ [name]: count })} for ${purpose}`);
  const credentials = await startCredentialsServer();
  started.cleanUp.add(() => credentials.close());
  const { further, own } = groupsFor(process, stack);
  const attach = (group: ProcessGroup): Omit<StartedFleet, "system"> => attachFleet(options, started, credentials, process, stack, group);
  // the groups' ends tell their processes apart: in logs, in sessions and in denials
  return [
    attach({ groupName: own, name, count }),
    ...further.map((groupName) => attach({ groupName, name: name + groupName.slice(own.length) })),
  ];
}

interface ProcessGroup {
  readonly groupName: string;
  /** Of its processes. */
  readonly name: string;
  /** How many there are to be. @default what is synthesized */
  readonly count?: number;
}

function attachFleet(
  options: LocalStackOptions,
  { assume, emulator, folder, metadata, scaling }: StartedStacks,
  credentials: CredentialsServer,
  { name: processName, program, settingsOf }: LocalProcess,
  stack: ProvisionedStack,
  { count, groupName, name }: ProcessGroup,
): Omit<StartedFleet, "system"> {
  const timeFactor = scaling.clock.factor;
  const nextOf: StartedFleet["nextOf"] = (of, programFile) => {
    const settings = settingsOf(of, groupName, timeFactor);
    return {
      entryFile: programFile ?? path.join(options.projectDirectory, "dist", program),
      environment: (worker, instanceId) => ({
        ...settings.environment,
        AWS_ENDPOINT_URL: emulator.endpoint,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.register(instanceId),
        // the session's name tells the process in denials
        ...credentials.register(`${name}-${worker}`, () => assume(settings.roleArn, `${name}-${worker}`)),
      }),
    };
  };
  const next = nextOf(stack, options.programFiles?.[processName]);
  if (count !== undefined)
    scaling.group(groupName).update(sizesOf(options.sizing ?? "fixed", count, scaling.group(groupName).settings), scaling.clock.now());
  let fleet: Fleet | undefined;
  scaling.attach(groupName, (events) => {
    fleet = makeFleet(
      {
        ...next,
        folder,
        name,
        ...(options.nodeFile === undefined ? {} : { nodeFile: options.nodeFile }),
        drainTimeoutMs: options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS,
        endTimeoutMs: (settingsOf(stack, groupName, timeFactor).stopTimeoutSeconds ?? STOP_TIMEOUT_SECONDS) * SECOND,
        size: () => scaling.group(groupName).desired,
        replaceLostWorkers: options.replaceLostWorkers ?? true,
        ...(options.onStage === undefined ? {} : { onReplaced: options.onStage }),
      },
      {
        ...events,
        ended: (id) => {
          metadata.forget(id);
          events.ended(id);
        },
        lost: (id, why) => {
          metadata.forget(id);
          events.lost(id, why);
        },
      },
    );
    return fleet.host;
  });
  if (fleet === undefined) throw new Error(`the group ${groupName} has no fleet`);
  return { ...fleet, name: processName, nextOf };
}

/** How the number of processes becomes the group's sizes. */
function sizesOf(
  sizing: NonNullable<LocalStackOptions["sizing"]>,
  count: number,
  { desired, minimum }: { readonly desired: number; readonly minimum: number },
): { readonly minimum: number; readonly maximum: number; readonly desired: number } {
  switch (sizing) {
    case "fixed":
      return { minimum: count, maximum: count, desired: count };
    case "elastic":
      return { minimum: Math.min(minimum, count), maximum: count, desired: count };
    case "synthesized":
      return { minimum: Math.min(minimum, count), maximum: count, desired: Math.min(desired, count) };
  }
}

const groupsOf = (stack: ProvisionedStack): string[] =>
  stack.resources.flatMap(({ attributes: { name }, type }) => (type === "aws_autoscaling_group" && typeof name === "string" ? [name] : []));

/** The group that the number of processes is for, and the further ones. */
function groupsFor(
  { isFurtherGroup }: LocalProcess,
  stack: ProvisionedStack,
): { readonly own: string; readonly further: readonly string[] } {
  const groups = groupsOf(stack);
  const further = groups.filter((group) => isFurtherGroup?.(group) === true);
  const [own, ...others] = groups.filter((group) => !further.includes(group));
  if (own !== undefined && others.length === 0) return { own, further };
  throw new FleetError(
    `the stack has ${others.length + (own === undefined ? 0 : 1)} Auto Scaling groups; a local fleet is made for one`,
    "correct constructs/compute, where the group is made",
  );
}
