import { Construct } from "constructs";
import type { EnvironmentConfig } from "../config/schema";
import type { NodeFunction } from "../../../constructs/functions/node-function";
import { usableMachine } from "../../../constructs/functions/usable";
import { EventRule } from "../../../constructs/events/event-rule";
import { StateMachine } from "../../../constructs/workflow/state-machine";
import { MAP_LABELS } from "../contracts/names";
import { BATCHES_PREFIX, MAP_RUNS_PREFIX } from "../contracts/state-keys";
import { finishFunction } from "../../../lambdas/batch/finish/function";
import type { Data } from "./data";
import { batchDefinition } from "./definition";
import { makeFunction, type Functions } from "./functions";
import type { DeployedNames } from "./names";
import { SWEEP_MINUTES } from "./schedules";
import { usableData } from "./usable-data";

export interface WorkflowProps {
  readonly config: EnvironmentConfig;
  readonly names: DeployedNames;
  readonly data: Data;
  readonly functions: Functions;
  readonly accountId: string;
  readonly buildDirectory: string;
}

/** The batch machine, and what ends a generation that its machine can't end. */
export class Workflow extends Construct {
  public readonly machine: StateMachine;
  public readonly finish: NodeFunction;

  public constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const { config, names, data, functions, accountId } = props;
    this.machine = new StateMachine(this, "Machine", {
      machineName: names.stateMachine,
      definition: batchDefinition({
        plan: functions.plan,
        processChunk: functions.processChunk,
        seal: functions.seal,
        mergeRange: functions.mergeRange,
        reduce: functions.reduce,
        report: functions.report,
        chunksQueueUrl: data.chunks.queueUrl,
        stateBucketName: data.state.bucketName,
        ...config.workflow,
      }),
      mapLabels: Object.values(MAP_LABELS),
      region: config.region,
      accountId,
    });
    const { mergeRange, plan, processChunk, reduce, report, seal } = functions;
    for (const called of [plan, processChunk, seal, mergeRange, reduce, report]) called.grantInvoke(this.machine.role);
    data.chunks.grantSend(this.machine.role);
    data.state.grantReadObjects(this.machine.role, BATCHES_PREFIX);
    grantMapRunWrites(props, this.machine);
    this.finish = makeFunction(this, "Finish", props, finishFunction, {
      resources: { ...usableData(data), machine: usableMachine(this.machine) },
    });
    this.#addBackstops(props);
  }

  #addBackstops({ names, functions, config }: WorkflowProps): void {
    new EventRule(this, "ExecutionEnded", {
      ruleName: names.rule("execution-ended"),
      description: "An execution of the batch machine ended badly: its generation still needs an end",
      trigger: {
        eventPattern: {
          source: ["aws.states"],
          "detail-type": ["Step Functions Execution Status Change"],
          detail: { status: ["FAILED", "TIMED_OUT", "ABORTED"], stateMachineArn: [this.machine.machineArn] },
        },
      },
      target: this.finish,
    });
    // events are best effort: the sweeper finds what none told of
    new EventRule(this, "Sweep", {
      ruleName: names.rule("sweep"),
      description: "Looks for generations without an open execution",
      trigger: { schedule: `rate(${SWEEP_MINUTES} minutes)` },
      target: this.finish,
    });
    if (!config.orchestrateEachMinute) return;
    new EventRule(this, "Orchestrate", {
      ruleName: names.rule("orchestrate"),
      description: "Raises the fleet's capacity to what waits",
      trigger: { schedule: "rate(1 minute)" },
      target: functions.orchestrate,
    });
  }
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
function grantMapRunWrites({ data }: WorkflowProps, { role }: StateMachine): void {
  role.addStatement({
    sid: "WriteMapRuns",
    actions: ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
    resources: [data.state.objectsArn(MAP_RUNS_PREFIX)],
  });
  role.useKey("s3", "write");
}
