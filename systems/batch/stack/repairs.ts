import { Construct } from "constructs";
import type { WorkerGroup } from "../../../constructs/compute/worker-group";
import type { NodeFunction } from "../../../constructs/functions/node-function";
import { EventRule } from "../../../constructs/events/event-rule";
import type { AlertTopics } from "../../../constructs/observability/alarm";
import { LogAlarm } from "../../../constructs/observability/log-alarm";
import type { StateMachine } from "../../../constructs/workflow/state-machine";
import { usableFunction, usableGroup, usableMachine, type Usable } from "../../../constructs/functions/usable";
import { reconcileFunction } from "../../../lambdas/batch/reconcile/function";
import { spotNoticesFunction } from "../../../lambdas/batch/spot-notices/function";
import type { EnvironmentConfig } from "../config/schema";
import { settlingSecondsOf } from "../contracts/upload-events";
import { makeFunction, type FunctionsProps } from "./functions";
import type { Ingest } from "./ingest";
import { RECONCILE_MINUTES } from "./schedules";
import { usableData } from "./usable-data";

export interface RepairsProps extends FunctionsProps {
  readonly machine: StateMachine;
  readonly ingest: Ingest;
  /** Where its alarm goes. */
  readonly topics: AlertTopics | undefined;
}

/** What makes good what no event tells of, and what remembers why workers vanish. */
export class Repairs extends Construct {
  public readonly reconcile: NodeFunction;
  public readonly spotNotices: NodeFunction;

  public constructor(scope: Construct, id: string, props: RepairsProps) {
    super(scope, id);
    const { config, data, fleet, ingest, machine } = props;
    const resources = usableData(data);
    const { prefix: reconcilePrefix, maximumObjects } = config.reconcile;
    // workers that never end themselves show no sign of life either
    const showSignsOfLife = config.fleet.idleRetireSeconds !== undefined;
    this.reconcile = makeFunction(this, "Reconcile", props, reconcileFunction, {
      resources: {
        ...resources,
        machine: usableMachine(machine),
        group: hostsOf(fleet.group, config),
        onDemandGroup: fleet.onDemandGroup === undefined ? undefined : hostsOf(fleet.onDemandGroup, config),
        "process-upload": ingest.processUpload === undefined ? undefined : usableFunction(ingest.processUpload),
      },
      settings: {
        reconcilePrefix,
        maximumObjects,
        jobsRetentionSeconds: config.queues.retentionSeconds,
        settlingSeconds: settlingSecondsOf(ingest.processUpload?.timeoutSeconds),
        slotsPerWorker: config.fleet.slotsPerWorker,
        ...(showSignsOfLife ? { workerVersion: fleet.workerVersion } : {}),
      },
    });
    this.spotNotices = makeFunction(this, "SpotNotices", props, spotNoticesFunction, { resources });
    // where policies own the capacity nobody looks for signs of life, and no fleet is halted
    if (config.fleet.protectFromScaleIn) {
      new LogAlarm(this, "FleetHalted", {
        logGroupName: this.reconcile.logGroupName,
        events: ["fleet_halted"],
        alarmName: props.names.alarm("fleet-halted"),
        alarmDescription: "Hosts of the fleet don't start: nothing is launched any more, and batches wait",
        runbookSection: props.names.runbookSection("fleet-halted"),
        severity: "critical",
        topics: props.topics,
        repeatedEverySeconds: RECONCILE_MINUTES * 60,
      });
    }
    new EventRule(this, "Periodic", {
      ruleName: props.names.rule("reconcile"),
      description: "Looks for dead chunks, overdue batches, lost messages, leftovers, forgotten uploads, silent hosts",
      trigger: { schedule: `rate(${RECONCILE_MINUTES} minutes)` },
      target: this.reconcile,
    });
    // of every instance of the account and region: the event tells the instance only, and a note of a stranger's one is never looked at
    new EventRule(this, "Interruption", {
      ruleName: props.names.rule("spot-interruption"),
      description: "EC2 takes a spot instance back: its worker's loss is nobody's fault",
      trigger: { eventPattern: { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] } },
      target: this.spotNotices,
    });
  }
}

/**
 * The workers' instances, to be ended where nothing else protects the fleet from what is silent. The group's own name: the function learns
 * of a new version after the group launches it. Without a name the function leaves hosts alone (local).
 */
function hostsOf(group: WorkerGroup, { fleet }: EnvironmentConfig): Usable<"read" | "terminate"> | undefined {
  if (!fleet.protectFromScaleIn) return undefined;
  const { address, grants } = usableGroup(group);
  return fleet.idleRetireSeconds === undefined ? { grants } : { address, grants };
}
