import type { ResourceChange } from "../plan";
import type { Finding, Rule } from "../rule";
import { isSame, UNKNOWN, valueAt, type Value } from "../values";

type Effect = string | ((change: ResourceChange) => string);

const atOnce = ({ after }: ResourceChange): string =>
  valueAt(after, ["apply_immediately"]) === true ? "at once" : "in its maintenance window, or at once with apply_immediately";

/** In-place changes that those who use the resource notice, by type: the attributes, and what happens. */
const NOTICED: Readonly<Record<string, readonly { readonly attributes: readonly string[]; readonly effect: Effect }[]>> = {
  aws_db_instance: [
    {
      attributes: ["instance_class", "engine_version", "parameter_group_name", "allocated_storage"],
      effect: (change) => `the database restarts, ${atOnce(change)}`,
    },
    { attributes: ["multi_az"], effect: "whether there is a standby that takes over" },
  ],
  aws_rds_cluster: [
    { attributes: ["engine_version", "db_cluster_parameter_group_name"], effect: (change) => `the cluster restarts, ${atOnce(change)}` },
  ],
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
    { attributes: ["stream_enabled", "stream_view_type"], effect: "whoever reads the stream gets another one, or none" },
  ],
  aws_sqs_queue: [{ attributes: ["redrive_policy"], effect: "where messages go that nobody can process" }],
  aws_ecr_repository: [
    { attributes: ["image_tag_mutability"], effect: "whether a tag may be given to another image" },
    { attributes: ["image_scanning_configuration"], effect: "whether new images are looked at for known weaknesses" },
  ],
  aws_ecs_service: [
    { attributes: ["task_definition", "load_balancer"], effect: "tasks are replaced one after another" },
    { attributes: ["desired_count"], effect: "how many tasks carry the load" },
  ],
  aws_eks_cluster: [{ attributes: ["version"], effect: "the control plane is upgraded, and can't go back" }],
  aws_lb_listener: [{ attributes: ["default_action", "certificate_arn", "ssl_policy"], effect: "requests go elsewhere at once" }],
  aws_route53_record: [
    { attributes: ["records", "alias", "type"], effect: "whoever asks is sent elsewhere, as soon as what is cached is over" },
  ],
  aws_codepipeline: [{ attributes: ["stage"], effect: "what is built from where, and who has to agree" }],
};

/** What is interrupted when something of a type goes, or is made anew. */
const INTERRUPTED: Readonly<Record<string, string>> = {
  aws_instance: "it ends, and what is on its root and local disks is lost",
  aws_eks_node_group: "its nodes end: what runs on them moves, or stops where there is no other group",
  aws_ecs_service: "its tasks end",
  aws_lb: "its name and addresses are others, or gone",
  aws_lb_target_group: "requests have no targets until others are registered; a listener that uses it must let go of it first",
  aws_cloudfront_distribution: "its name is another, or gone",
  aws_nat_gateway: "connections through it break, and its address is another",
  aws_eip: "the address is given back, and nobody gets it again",
  aws_iam_access_key: "whoever uses the key is refused",
  aws_iam_user: "whoever is it is refused",
  aws_route53_record: "whoever asks for the name gets no answer meanwhile, or any more",
  aws_rds_cluster_instance: "connections to it break",
  aws_security_group: "what has it must have another first",
};

export const noticedUpdate: Rule = {
  id: "noticed-update",
  title: "changes that restart, interrupt or switch something are known before",
  severity: "warn",
  *check(plan): Generator<Finding> {
    for (const change of plan.changes) {
      const { action, address, type } = change;
      const interrupted = INTERRUPTED[type];
      if ((action === "replace" || action === "destroy") && interrupted !== undefined)
        yield { address, problem: `it is ${action === "replace" ? "replaced" : "destroyed"}: ${interrupted}`, fix: "choose the moment" };
      if (action !== "update") continue;
      for (const { attributes, effect } of NOTICED[type] ?? []) {
        const changed = attributes.filter((name) => isChanged(change, name));
        if (changed.length > 0)
          yield {
            address,
            problem: `${changed.join(", ")}: ${typeof effect === "string" ? effect : effect(change)}`,
            fix: "choose the moment",
          };
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
      "aws_route53_zone",
      "aws_secretsmanager_secret",
    )) {
      if (action === "none" || after === null) continue;
      if (valueAt(after, ["recovery_window_in_days"]) === 0 && valueAt(before, ["recovery_window_in_days"]) !== 0)
        yield { address, problem: "recovery_window_in_days is 0: deleted, it is gone at once", fix: "leave a week at least" };
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
