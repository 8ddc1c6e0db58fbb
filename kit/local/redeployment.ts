import type { Emulator } from "./emulator/emulator";
import { RedeploymentRefusedError } from "./errors";
import type { StartedFleet, StartedSystem } from "./fleet/start-fleets";
import type { LocalStack, LocalStackOptions, Redeployment } from "./local-stack";
import type { Clients } from "./provision/clients";
import type { updateStack } from "./provision/provision";

/** What a redeployment works on. */
export interface RedeploymentParts {
  readonly options: Pick<LocalStackOptions, "redeployable">;
  readonly emulator: Pick<Emulator, "seal">;
  readonly clients: Clients;
  readonly fleets: readonly StartedFleet[];
  readonly stacks: readonly StartedSystem[];
  /** Loaded with the SDK's clients, which only a start needs. */
  readonly update: typeof updateStack;
}

/** @returns brings a started stack to another version, once; from then on no function takes code any more */
export function redeployment({ clients, emulator, fleets, options, stacks, update }: RedeploymentParts): LocalStack["redeploy"] {
  let isOpen = options.redeployable === true;
  return async ({ patienceMs, programFiles, signal, systems }) => {
    if (!isOpen) throw new RedeploymentRefusedError("its functions take no code any more");
    isOpen = false;
    const next = new Map<string, StartedSystem["stack"]>();
    let changes: Redeployment = { updated: [], created: [], recorded: [], left: [], gone: [], replaced: 0, killed: 0 };
    for (const { stackFile, system } of systems) {
      const before = stacks.find((each) => each.system.name === system.name)?.stack;
      if (before === undefined) throw new RedeploymentRefusedError(`it has no system ${system.name}`);
      const made = await update({ stackFile, clients, before, ...(signal === undefined ? {} : { signal }) });
      next.set(system.name, made.stack);
      changes = joined(changes, made.changes);
    }
    await emulator.seal();
    // a worker of the new version meets functions of the new version, as after a deployment
    for (const fleet of fleets) {
      const stack = next.get(fleet.system.name);
      if (stack === undefined) continue;
      signal?.throwIfAborted();
      const rolled = await fleet.roll(fleet.nextOf(stack, programFiles?.[fleet.name]), patienceMs);
      changes = { ...changes, replaced: changes.replaced + rolled.replaced, killed: changes.killed + rolled.killed };
    }
    return changes;
  };
}

const joined = (
  before: Redeployment,
  { created, gone, left, recorded, updated }: Omit<Redeployment, "replaced" | "killed">,
): Redeployment => ({
  ...before,
  updated: [...before.updated, ...updated],
  created: [...before.created, ...created],
  recorded: [...before.recorded, ...recorded],
  left: [...before.left, ...left],
  gone: [...before.gone, ...gone],
});
