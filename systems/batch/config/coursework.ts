import { AMAZON_LINUX_PARAMETERS } from "./amazon-linux";
import { dev } from "./dev";
import type { ScaleOut } from "./scaling-schema";
import type { EnvironmentInput } from "./schema";

/** The policy as first built: +1 at 10 visible messages, then two minutes of nothing (requirement S1.67). */
export const COURSEWORK_SIMPLE_SCALING = { kind: "simple", threshold: 10, add: 1, cooldownSeconds: 120 } satisfies ScaleOut;

/** The optimised policy: the longer the queue, the more at once; warm-up 30 s (requirements S1.85, S1.86). */
export const COURSEWORK_STEP_SCALING = {
  kind: "step",
  steps: [
    { from: 10, add: 1 },
    { from: 50, add: 2 },
    { from: 100, add: 4 },
  ],
  warmUpSeconds: 30,
} satisfies ScaleOut;

/** The exact values of the requirements (S1.58 to S1.68, S1.83). */
export const coursework = {
  ...dev,
  name: "coursework",
  owner: "coursework",
  vpcCidr: "10.44.0.0/16",
  // what the course doesn't ask for would only cost: its accounts are watched by people, for an afternoon
  observability: { ...dev.observability, level: "lean" },
  fleet: {
    ...dev.fleet,
    launchTemplateName: "wordfreq-launch-template",
    groupName: "wordfreq-ASG",
    instanceNameTag: "Worker-Node",
    images: { x86_64: { kind: "parameter", name: AMAZON_LINUX_PARAMETERS.x86_64 } },
    instanceTypes: ["t2.micro"],
    onDemandPercentage: 100,
    minimumInstances: 1,
    initialInstances: 1,
    maximumInstances: 5,
    accountInstanceLimit: 9,
    // the plain policies end instances, busy or not (requirement S1.69 names the danger; the other environments avoid it)
    protectFromScaleIn: false,
    terminationPolicies: ["NewestInstance"],
    // 20 to 25 s from launch to service are the course's own measurement (requirement S1.87)
    warmUpSeconds: 30,
    scaleOut: COURSEWORK_SIMPLE_SCALING,
    // nothing visible and nothing in work, in both queues
    scaleIn: { threshold: 0, remove: 1, cooldownSeconds: 120 },
    idleRetireSeconds: undefined,
    // on demand already, and nothing but the policies changes its capacity
    onDemandRescue: undefined,
    // one vCPU and 1 GiB of memory
    slotsPerWorker: 1,
    counterMemoryMebibytes: 128,
  },
  // the policies look at what is visible: 100 messages, at which the step policy adds most, and one in work in each of five workers; 120
  // are the files of the load test (requirement S1.70)
  workflow: { ...dev.workflow, fleetConcurrency: 120 },
  orchestrateEachMinute: false,
} satisfies EnvironmentInput;
