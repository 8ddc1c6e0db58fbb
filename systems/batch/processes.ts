import { availableParallelism } from "node:os";
// not by the folder's index: the synthesis reads this, too, and needs nothing else of the local run
import { launchTemplateSettings } from "../../kit/local/fleet/launch-template";
import type { LocalProcess } from "../../kit/local/local-system";
import type { ProvisionedStack } from "../../kit/local/provision/provision";
import { ON_DEMAND_SUFFIX } from "./contracts/names";

/** More processes than this on one machine only wait for the emulator, which is one process. */
const MAXIMUM_WORKERS = 64;
/** Beyond this many, local workers wait for the emulator and not for a processor. */
const MOST_USEFUL_WORKERS = 4;

/** What a worker takes as its idle time at least (worker/env.ts). */
const LEAST_IDLE_SECONDS = 20;

/** The fleet's workers: on this machine each is a process, with what the launch template gives an instance. */
export const WORKERS = {
  name: "worker",
  purpose: "route fleet",
  program: "worker/main.js",
  isFurtherGroup: (groupName: string) => groupName.endsWith(ON_DEMAND_SUFFIX),
  settingsOf: (stack: ProvisionedStack, groupName: string, timeFactor: number) => {
    const settings = launchTemplateSettings(stack, groupName);
    const { IDLE_RETIRE_SECONDS: seconds } = settings.environment;
    if (seconds === undefined) return settings;
    const idle = Math.max(LEAST_IDLE_SECONDS, Math.round(Number(seconds) / timeFactor));
    return { ...settings, environment: { ...settings.environment, IDLE_RETIRE_SECONDS: String(idle) } };
  },
  count: {
    maximum: MAXIMUM_WORKERS,
    default: Math.min(availableParallelism(), MOST_USEFUL_WORKERS),
    defaultText: "one a processor, 4 at most",
  },
} as const satisfies LocalProcess;
