import { z } from "zod";
import { ON_DEMAND_SUFFIX } from "../../contracts/names";
import { stackOutputsSchema, type StackOutputs } from "../../contracts/stack-outputs";
import type { ScaledGroup } from "../../../../kit/scaling/auto-scaling";
import { METRICS_VARIABLE, SETTINGS_VARIABLE } from "../../../../kit/function/function-environment";
import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import { patched, type StackPatch } from "../../../../kit/simulator/stack/patch";
import { StackModel } from "../../../../kit/simulator/stack/stack-model";
import type { StackGroup } from "../../../../kit/simulator/stack/types/autoscaling";
import type { StackMachine } from "../../../../kit/simulator/stack/types/step-functions";
import type { LambdaName } from "../../../../lambdas/batch/functions";
import type { DrawnSettings, WorldSettings } from "./settings";

/** Buckets, by what the system has them for. */
export interface BucketNames {
  readonly source: string;
  readonly processing: string;
  readonly state: string;
}

/** URLs of the queues, by what the system has them for. */
export type QueueUrls = Readonly<
  Record<"chunks" | "chunkDeadLetters" | "jobs" | "jobDeadLetters" | "results" | "resultDeadLetters", string> & {
    /** Absent where no chunk waits for on-demand capacity. */
    readonly onDemandChunks?: string;
  }
>;

/** The code of the function that raises the fleet's capacity. */
const ORCHESTRATOR: LambdaName = "orchestrate";

/** The batch's stack as a world has it. What is what follows from its outputs, as the command finds it on AWS. */
export class DeployedStack extends StackModel {
  public readonly names: BucketNames;
  public readonly queueUrls: QueueUrls;
  public readonly machine: StackMachine;
  public readonly workerLogGroup: string;
  public readonly tableNames: Readonly<Record<"ledger" | "results", string>>;
  /** Whose the metrics are that lines carry. */
  public readonly metricsSystem: string;
  /** The fleet's group. */
  public readonly group: StackGroup;
  /** Of workers for chunks that wait for on-demand capacity. */
  public readonly onDemandGroup: StackGroup | undefined;
  /**
   * Whether the orchestrator alone raises the fleet's capacity, and idle workers alone lower it (invariant 6). Where nobody calls the
   * orchestrator, the group has the policies it was given, no worker retires, and nobody looks for silent hosts.
   */
  public readonly isOrchestrated: boolean;
  /** How old an upload without an outcome is when it is announced again, in seconds. */
  public readonly settlingSeconds: number;
  /** How long its hook waits for the worker of an instance that the group ends. */
  public readonly terminationTimeoutSeconds: number;
  /** Sizes of a world that are not drawn. */
  public readonly sizes: Omit<WorldSettings, keyof DrawnSettings>;

  public constructor(stack: EvaluatedStack) {
    super(stack);
    const outputs = outputsOf(stack);
    this.names = { source: outputs.uploading_bucket, processing: outputs.processing_bucket, state: outputs.state_bucket };
    this.queueUrls = {
      chunks: outputs.chunks_queue_url,
      chunkDeadLetters: outputs.chunks_dead_letters_url,
      jobs: outputs.jobs_queue_url,
      jobDeadLetters: outputs.jobs_dead_letters_url,
      ...(outputs.on_demand_chunks_queue_url === undefined ? {} : { onDemandChunks: outputs.on_demand_chunks_queue_url }),
      results: outputs.results_queue_url,
      resultDeadLetters: outputs.results_dead_letters_url,
    };
    this.sizes = {
      leaseSeconds: this.queueAt(this.queueUrls.chunks).visibilityTimeoutSeconds,
      lambdaTimeoutSeconds: this.functionOfCode("process-chunk").timeoutSeconds,
    };
    const settings: unknown = JSON.parse(this.functionOfCode("reconcile").environment[SETTINGS_VARIABLE] ?? "{}");
    this.settlingSeconds = z.object({ settlingSeconds: z.int() }).parse(settings).settlingSeconds;
    this.workerLogGroup = outputs.worker_log_group;
    this.tableNames = { ledger: outputs.ledger_table, results: outputs.results_table };
    this.metricsSystem = this.functionOfCode("process-chunk").environment[METRICS_VARIABLE] ?? "";
    const group = this.groups.find(({ name }) => !name.endsWith(ON_DEMAND_SUFFIX));
    if (group === undefined) throw new RangeError("the stack has no Auto Scaling group of its fleet");
    this.group = group;
    this.onDemandGroup = this.groups.find(({ name }) => name === group.name + ON_DEMAND_SUFFIX);
    const hook = this.fleet.definition.hooks.find(({ transition }) => transition === "autoscaling:EC2_INSTANCE_TERMINATING");
    if (hook === undefined) throw new RangeError(`${group.name} has no hook that waits for its workers`);
    this.terminationTimeoutSeconds = hook.heartbeatTimeoutSeconds;
    this.machine = this.machineOfArn(outputs.state_machine_arn);
    this.isOrchestrated = this.schedules.some(({ targets }) => targets.some(({ arn }) => this.functionOfArn(arn).code === ORCHESTRATOR));
  }

  /** The fleet's group, with all that may change its size. */
  public get fleet(): ScaledGroup {
    return this.scaledGroup(this.group);
  }

  /** The group of on-demand capacity, if there is one. */
  public get onDemandFleet(): ScaledGroup | undefined {
    return this.onDemandGroup === undefined ? undefined : this.scaledGroup(this.onDemandGroup);
  }

  private scaledGroup({ name }: StackGroup): ScaledGroup {
    const scaled = this.scaledGroups.find(({ definition }) => definition.name === name);
    if (scaled === undefined) throw new RangeError(`the stack has no group ${name}`);
    return scaled;
  }
}

/** A world's stack: as synthesized, but for the sizes that this world draws. */
export function deployedStack(
  deployed: DeployedStack,
  { chunkReceives, maximumWorkers }: Pick<DrawnSettings, "chunkReceives" | "maximumWorkers">,
): DeployedStack {
  return new DeployedStack(
    patched(deployed.stack, [
      chunkReceivesPatch(deployed.queueAt(deployed.queueUrls.chunks).name, chunkReceives),
      maximumPatch(deployed.group, maximumWorkers),
      ...(deployed.onDemandGroup === undefined
        ? []
        : [maximumPatch(deployed.onDemandGroup, Math.min(deployed.onDemandGroup.maximum, maximumWorkers))]),
    ]),
  );
}

/** A group of its own size in each world, so that some have one worker for all, and others several. */
const maximumPatch = ({ desired, minimum, name }: StackGroup, maximum: number): StackPatch => ({
  name: `${name} has at most ${maximum} workers`,
  type: "aws_autoscaling_group",
  of: name,
  change: () => ({ max_size: maximum, desired_capacity: Math.min(desired, maximum), min_size: Math.min(minimum, maximum) }),
});

/** The queue's own limit is far beyond what gives a chunk up, so that few worlds would reach it. */
const chunkReceivesPatch = (queueName: string, maxReceiveCount: number): StackPatch => ({
  name: `messages of chunks are dead after ${maxReceiveCount} receives`,
  type: "aws_sqs_queue",
  of: queueName,
  change: ({ redrive_policy: policy }) => {
    if (typeof policy !== "string") throw new TypeError(`${queueName} has no redrive policy`);
    return { redrive_policy: JSON.stringify({ ...(JSON.parse(policy) as object), maxReceiveCount }) };
  },
});

/** By the outputs' object: a process makes thousands of worlds of one stack. */
const known = new WeakMap<object, StackOutputs>();

function outputsOf({ outputs }: EvaluatedStack): StackOutputs {
  const before = known.get(outputs);
  if (before !== undefined) return before;
  const parsed = stackOutputsSchema.parse(outputs);
  known.set(outputs, parsed);
  return parsed;
}
