import type { z } from "zod";
import type { WorkerSettings } from "./fleet/launch-template";
import type { ProvisionedStack } from "./provision/provision";

/** Processes of a system that run on instances on AWS, and beside the emulator here. */
export interface LocalProcess {
  /** What one is called, such as `worker`; its log and its session are `worker-0`, and `--workers` says how many there are. */
  readonly name: string;
  /** What they are for, as a start tells it: `starting 2 workers for <purpose>`. */
  readonly purpose: string;
  /** The program, below dist/. */
  readonly program: string;
  /**
   * What the synthesized stack gives each of them.
   *
   * @param groupName of the group whose instances they are on
   * @param timeFactor seconds of policies in a second, for those that they keep themselves
   * @throws FleetError when it gives nothing usable
   */
  readonly settingsOf: (stack: ProvisionedStack, groupName: string, timeFactor: number) => WorkerSettings;
  /**
   * Whether a group is a further one, which its stack is never without and seldom uses: it has the sizes that it is synthesized with, and
   * the number of processes says nothing of it.
   *
   * @default none is: the stack has one group
   */
  readonly isFurtherGroup?: (groupName: string) => boolean;
  /** How many there may be, 1 at least, and are. */
  readonly count: {
    readonly maximum: number;
    readonly default: number;
    /** How the default is chosen, for people. */
    readonly defaultText: string;
  };
}

/** A system, as far as a local run needs it. */
export interface LocalSystem {
  readonly name: string;
  /** The Terraform outputs of its stack; a schema, which most commands have no use for. */
  readonly outputs: () => Promise<z.ZodObject>;
  readonly processes: readonly LocalProcess[];
  /**
   * Variables of its configuration that choose how it works, not where or how big: a local run and simulated worlds take them from whoever
   * starts them.
   *
   * @default none - what they synthesize depends on no variable that is meant for a deployment
   */
  readonly modeVariables?: readonly string[];
}

/** A system's name, and the schema of its stack's outputs. */
export interface OutputsOf<Outputs extends z.ZodObject> {
  readonly name: string;
  readonly outputs: Outputs;
}

/** Outputs by the system's name. */
export type SystemOutputs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * The outputs of one system among those of a stack.
 *
 * @returns undefined when the system is not part of it
 * @throws ZodError for outputs of another version
 */
export function outputsOf<Outputs extends z.ZodObject>(
  outputs: SystemOutputs,
  { name, outputs: schema }: OutputsOf<Outputs>,
): z.output<Outputs> | undefined {
  const found = outputs[name];
  return found === undefined ? undefined : schema.parse(found);
}

/** `2 workers`; nothing when there are none. @param processes numbers by name */
export const describeProcesses = (processes: Readonly<Record<string, number>>): string =>
  Object.entries(processes)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}${count === 1 ? "" : "s"}`)
    .join(", ");
