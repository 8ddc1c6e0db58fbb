import { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine";
import { Construct } from "constructs";
import { Role } from "../iam/role";
import type { Grantee } from "../iam/statement";
import type { Machine } from "./asl";

export interface StateMachineProps {
  readonly machineName: string;
  readonly definition: Machine<string>;
  /** Labels of its Distributed Maps: their children are executions under these names. */
  readonly mapLabels: readonly string[];
  readonly region: string;
  readonly accountId: string;
}

/** A Standard state machine with its own role. Callbacks and executions beyond five minutes exist in Standard only. */
export class StateMachine extends Construct {
  public readonly machineArn: string;
  public readonly role: Role;
  readonly #executionsArn: string;

  public constructor(scope: Construct, id: string, props: StateMachineProps) {
    super(scope, id);
    const { machineName, mapLabels, region, accountId } = props;
    const arn = (kind: string, name: string): string => `arn:aws:states:${region}:${accountId}:${kind}:${name}`;
    this.#executionsArn = arn("execution", `${machineName}:*`);
    this.role = new Role(this, "Role", {
      roleName: `${machineName}-machine`,
      description: `Permissions of the state machine ${machineName}`,
      trustedService: "states.amazonaws.com",
      trustConditions: { StringEquals: { "aws:SourceAccount": accountId } },
    });
    if (mapLabels.length > 0) {
      // a Distributed Map starts and stops its children in the machine's own name
      // https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
      this.role.addStatement({
        sid: "StartMapChildren",
        actions: ["states:StartExecution"],
        resources: [arn("stateMachine", machineName)],
      });
      this.role.addStatement({
        sid: "WatchMapChildren",
        actions: ["states:DescribeExecution", "states:StopExecution"],
        // children's ARNs have the label; AWS's page names executions without it
        resources: [this.#executionsArn, ...mapLabels.map((label) => arn("execution", `${machineName}/${label}:*`))],
      });
    }
    const machine = new SfnStateMachine(this, "Resource", {
      name: machineName,
      type: "STANDARD",
      roleArn: this.role.roleArn,
      definition: JSON.stringify(props.definition),
      // no log: its delivery needs eight actions on `*`, and inputs hold task tokens. The history is kept 90 days anyway, and
      // the ledger has the truth of each batch
      loggingConfiguration: { level: "OFF", includeExecutionData: false },
      // Step Functions checks at creation that it may do what the definition says
      dependsOn: [this.role.policy],
    });
    this.machineArn = machine.arn;
  }

  public grantStart(grantee: Grantee): void {
    grantee.addStatement({ sid: `Start${this.node.id}`, actions: ["states:StartExecution"], resources: [this.machineArn] });
  }

  /** Looks at executions and stops them. */
  public grantStop(grantee: Grantee): void {
    grantee.addStatement({
      sid: `Stop${this.node.id}`,
      actions: ["states:DescribeExecution", "states:StopExecution"],
      resources: [this.#executionsArn],
    });
  }

  /** Fails waiting tasks. */
  public grantFail(grantee: Grantee): void {
    grantee.addStatement({ sid: `Fail${this.node.id}`, actions: ["states:SendTaskFailure"], resources: "any" });
  }

  /** Answers waiting tasks with success. */
  public grantAnswer(grantee: Grantee): void {
    grantee.addStatement({ sid: `Answer${this.node.id}`, actions: ["states:SendTaskSuccess"], resources: "any" });
  }
}
