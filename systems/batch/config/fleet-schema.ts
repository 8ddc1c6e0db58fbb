import { z } from "zod";
import { ARCHITECTURES, architecturesOf, isStandardType } from "./instance-types";
import { scaleInSchema, scaleOutSchema, scaleOutThreshold } from "./scaling-schema";
import { SETTING_RANGES } from "../contracts/setting-ranges";

/**
 * Where the image comes from: AWS's public parameter of the newest Amazon Linux 2023 (read when planning, so that a new image shows up
 * in the plan), or a baked one (requirement S1.56), by its id or by its name: the newest of the account's own under that name that is
 * available, since a group must not start from an image that is still pending (S1.57).
 */
const imageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("parameter"), name: z.string().startsWith("/aws/service/") }),
  z.object({ kind: z.literal("id"), amiId: z.string().regex(/^ami-[0-9a-f]{8,17}$/) }),
  z.object({ kind: z.literal("name"), amiName: z.string().min(3).max(128) }),
]);

export const fleetSchema = z
  .strictObject({
    launchTemplateName: z.string().min(3).max(128),
    groupName: z.string().min(1).max(255),
    /** Name tag of the instances (requirement S1.62). */
    instanceNameTag: z.string().min(1),
    /** By architecture: of each that an instance type has. */
    images: z.partialRecord(z.enum(ARCHITECTURES), imageSchema),
    /**
     * All acceptable types, best first, of one architecture or of both; several types in several zones are what keeps spot capacity coming.
     * At most 40 (AWS).
     */
    instanceTypes: z.array(z.string()).min(1).max(40),
    /** Instances that are on demand whatever the percentage says. */
    onDemandBaseCapacity: z.int().min(0),
    /** Share of on-demand instances above the base, in percent; 0 is all spot. AWS's default is 100: always stated. */
    onDemandPercentage: z.int().min(0).max(100),
    /**
     * A chunk that spot capacity lost so often waits for on-demand capacity, which workers of a group of its own have, at zero otherwise
     * (docs/adr/0039-on-demand-after-spot-losses.md).
     *
     * @default none - chunks go on being tried on what the group has
     */
    onDemandRescue: z
      .strictObject({ afterSpotLosses: SETTING_RANGES.afterSpotLosses, maximumInstances: SETTING_RANGES.maximumWorkers })
      .optional(),
    minimumInstances: z.int().min(0),
    /** At creation only; afterwards scaling owns it (`ignore_changes`). */
    initialInstances: z.int().min(0),
    maximumInstances: SETTING_RANGES.maximumWorkers,
    /** Instances an account may run beside its development instance (lab limit of 9, requirement S1.65). */
    accountInstanceLimit: z.int().min(1).optional(),
    /** On at launch and never toggled: scaling then never ends a busy worker (invariant 6). Off only in `coursework`. */
    protectFromScaleIn: z.boolean(),
    terminationPolicies: z
      .array(z.enum(["Default", "NewestInstance", "OldestInstance", "OldestLaunchTemplate", "ClosestToNextInstanceHour"]))
      .min(1),
    /** Seconds from launch to the first job taken; default warm-up of the group, so that no policy falls back to 300 s. */
    warmUpSeconds: z.int().min(0).max(3_600),
    /**
     * How long the group waits for a worker whose instance it ends to drain; AWS takes 30 to 7,200. Nobody answers on a host that hangs or
     * never started: it costs that much more.
     * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
     */
    terminationTimeoutSeconds: z.int().min(30).max(7_200),
    /** Policies on queue depth that add instances. Only where no orchestrator runs each minute: one hand on the capacity. */
    scaleOut: scaleOutSchema.optional(),
    /** Policies on queue depth that take instances away. Only where instances are not protected. */
    scaleIn: scaleInSchema.optional(),
    /** A worker without work for this long ends itself. Absent: it never does. */
    idleRetireSeconds: z.int().min(20).max(86_400).optional(),
    /** `bundled`: the archive brings its Node; `host`: the worker runs on the machine's Node (local runs). */
    workerRuntime: z.enum(["bundled", "host"]),
    /** Interruption notices: `imds` on instances, `none` where there is no metadata service. */
    spotNotices: z.enum(["imds", "none"]),
    slotsPerWorker: SETTING_RANGES.slotsPerWorker,
    /**
     * How long a worker with several jobs gathers their acknowledgements, and then the deletions of their messages, for calls of ten. A
     * worker with nothing else to do answers at once.
     */
    gatheringMilliseconds: SETTING_RANGES.gatheringMilliseconds,
    /** Memory of one slot's counts in MiB before they spill to disk (invariant 9). */
    counterMemoryMebibytes: SETTING_RANGES.counterMemoryMebibytes,
    rootVolumeGibibytes: z.int().min(8).max(16_384),
    /**
     * Device of the root volume, as the image names it: `/dev/xvda` on Amazon Linux, `/dev/sda1` on Ubuntu (requirement S0.8).
     *
     * @default what an image found by its name says of itself, else `/dev/xvda`
     */
    rootDeviceName: z
      .string()
      .regex(/^\/dev\/[a-z]{3,4}[0-9]?$/)
      .optional(),
    /** Name of a key pair of the account and region (requirement S1.59); the security group lets nothing in all the same. */
    keyPairName: z.string().min(1).max(255).optional(),
  })
  .superRefine((fleet, context) => {
    const problem = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    if (fleet.minimumInstances > fleet.maximumInstances) problem("minimumInstances", `above maximumInstances ${fleet.maximumInstances}`);
    if (fleet.initialInstances < fleet.minimumInstances || fleet.initialInstances > fleet.maximumInstances) {
      problem("initialInstances", `not between minimumInstances ${fleet.minimumInstances} and maximumInstances ${fleet.maximumInstances}`);
    }
    if (fleet.accountInstanceLimit !== undefined && fleet.maximumInstances + 1 > fleet.accountInstanceLimit) {
      problem(
        "maximumInstances",
        `${fleet.maximumInstances} and the development instance are above the account's ${fleet.accountInstanceLimit}; lower it (S1.65)`,
      );
    }
    if (fleet.minimumInstances === 0 && fleet.scaleOut !== undefined && scaleOutThreshold(fleet.scaleOut) > 1) {
      problem("scaleOut", "with minimumInstances 0 the first step must begin at 1 message, else the last few files wait for ever (S1.109)");
    }
    if (fleet.scaleIn !== undefined && fleet.protectFromScaleIn) {
      problem(
        "scaleIn",
        "a scale-in policy can't take protected instances but lowers the desired capacity all the same; drop one of the two",
      );
    }
    if (fleet.idleRetireSeconds !== undefined && !fleet.protectFromScaleIn) {
      problem("idleRetireSeconds", "needs protectFromScaleIn: two owners of scale-in would race (invariant 6)");
    }
    if (fleet.onDemandRescue !== undefined && fleet.idleRetireSeconds === undefined) {
      problem("onDemandRescue", "needs idleRetireSeconds: its group goes back to zero by workers that end themselves");
    }
    for (const architecture of architecturesOf(fleet.instanceTypes)) {
      if (fleet.images[architecture] === undefined) problem("images", `there is none for instanceTypes of ${architecture}`);
    }
    for (const type of fleet.instanceTypes) {
      if (!isStandardType(type)) {
        problem("instanceTypes", `'${type}' is none of EC2's standard types (c, d, i, m, r, t, z) with a size that tells its vCPUs`);
      }
    }
  });
export type FleetConfig = z.output<typeof fleetSchema>;
