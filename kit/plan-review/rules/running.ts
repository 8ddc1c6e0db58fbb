import type { ResourceChange } from "../plan";
import type { Finding, Rule } from "../rule";
import { isSame, UNKNOWN, valueAt, type Value } from "../values";

/** In-place changes that those who use the resource notice, by type: the attributes, and what happens. */
const NOTICED: Readonly<Record<string, readonly { readonly attributes: readonly string[]; readonly effect: string }[]>> = {
  aws_db_instance: [
    {
      attributes: ["instance_class", "engine_version", "parameter_group_name", "multi_az", "allocated_storage"],
      effect: "the database restarts, in its maintenance window or, with apply_immediately, at once",
    },
  ],
  aws_rds_cluster: [{ attributes: ["engine_version", "db_cluster_parameter_group_name"], effect: "the cluster restarts" }],
  aws_elasticache_replication_group: [
    { attributes: ["node_type", "engine_version", "parameter_group_name"], effect: "nodes are replaced one after another" },
  ],
  aws_instance: [
    {
      attributes: ["instance_type", "user_data"],
      effect: "the instance is stopped and started: its public address and its local disks are lost",
    },
  ],
  aws_sfn_state_machine: [
    { attributes: ["definition"], effect: "new executions run the new definition, running ones the old one: both must fit the functions" },
  ],
  aws_launch_template: [
    {
      attributes: ["user_data", "image_id", "instance_type"],
      effect: "new instances differ from those that run, until these are replaced",
    },
  ],
  aws_lambda_function: [
    {
      attributes: ["runtime", "architectures", "handler", "layers"],
      effect: "the next invocations run on it; environments that are warm are lost",
    },
    { attributes: ["reserved_concurrent_executions"], effect: "invocations beyond it are throttled from now on" },
  ],
  aws_dynamodb_table: [
    { attributes: ["billing_mode"], effect: "the table can be switched back once in 24 hours only" },
    {
      attributes: ["global_secondary_index"],
      effect: "the index is built or removed in the background; queries that use it fail until it is there",
    },
  ],
  aws_ecs_service: [{ attributes: ["task_definition"], effect: "tasks are replaced one after another" }],
  aws_eks_cluster: [{ attributes: ["version"], effect: "the control plane is upgraded, and can't go back" }],
  aws_lb_listener: [{ attributes: ["default_action", "certificate_arn", "ssl_policy"], effect: "requests go elsewhere at once" }],
};

export const noticedUpdate: Rule = {
  id: "noticed-update",
  title: "changes in place that restart or switch something are known before",
  severity: "warn",
  *check(plan): Generator<Finding> {
    for (const change of plan.changes) {
      if (change.action !== "update") continue;
      for (const { attributes, effect } of NOTICED[change.type] ?? []) {
        const changed = attributes.filter((name) => isChanged(change, name));
        if (changed.length > 0) yield { address: change.address, problem: `${changed.join(", ")}: ${effect}`, fix: "choose the moment" };
      }
    }
  },
};

function isChanged({ after, before }: ResourceChange, name: string): boolean {
  const [was, is]: [Value, Value] = [valueAt(before, [name]), valueAt(after, [name])];
  // what is known later may be the same
  return is !== UNKNOWN && !isSame(was, is);
}

export const forgotten: Rule = {
  id: "forgotten",
  title: "what Terraform lets go of is known before",
  severity: "warn",
  *check(plan): Generator<Finding> {
    for (const { action, address } of plan.changes)
      if (action === "forget")
        yield {
          address,
          problem: "it stays on AWS and is managed by nobody: nothing removes it, and it costs what it costs",
          fix: "import it elsewhere, or remove it by hand",
        };
  },
};

export const emptiedWhenDestroyed: Rule = {
  id: "emptied-when-destroyed",
  title: "a store that still holds something refuses to be destroyed",
  severity: "warn",
  *check(plan): Generator<Finding> {
    for (const { action, address, after, before } of plan.ofType(
      "aws_s3_bucket",
      "aws_ecr_repository",
      "aws_db_instance",
      "aws_rds_cluster",
      "aws_backup_vault",
    )) {
      if (action === "none" || after === null) continue;
      for (const name of ["force_destroy", "force_delete", "skip_final_snapshot"]) {
        if (valueAt(after, [name]) === true && valueAt(before, [name]) !== true)
          yield {
            address,
            problem: `${name}: what it holds goes with it, without a question`,
            fix: "leave it false, but where everything can be made again",
          };
      }
    }
  },
};
