import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { Plan } from "../../../kit/plan-review/plan";
import { review, type Review } from "../../../kit/plan-review/review";

const folder = path.join(__dirname, "shapes");

/** What is found in each plan (`npm run plans:shapes`), by the rule and the resource; what blocks it first. */
const FOUND: Readonly<Record<string, { readonly blocks: readonly string[]; readonly tells: readonly string[] }>> = {
  "alert-routes": {
    blocks: [
      "store-destroyed aws_kms_key.archive",
      "store-destroyed aws_kms_key.old[0]",
      "store-destroyed aws_sns_topic.critical",
      "alarm-removed aws_budgets_budget.month[0]",
      "alarm-removed aws_sns_topic_subscription.critical[0]",
    ],
    tells: [],
  },
  "audit-trail": {
    blocks: [
      "kept-shorter aws_backup_plan.daily",
      "kept-shorter aws_s3_bucket_lifecycle_configuration.trail",
      "alarm-removed aws_cloudtrail.all",
      "alarm-removed aws_flow_log.main[0]",
      "alarm-removed aws_guardduty_detector.main[0]",
    ],
    tells: [],
  },
  "aurora-key-alias": {
    blocks: ["store-destroyed aws_rds_cluster.billing"],
    tells: ["noticed-update aws_rds_cluster_instance.billing[0]", "noticed-update aws_rds_cluster_instance.billing[1]"],
  },
  "backups-removed": {
    blocks: [
      "store-destroyed aws_backup_vault.tables",
      "schedule-removed aws_backup_plan.monthly",
      "schedule-removed aws_backup_selection.weekly[0]",
    ],
    tells: ["emptied-when-destroyed aws_backup_vault.tables"],
  },
  "bastion-opened": {
    blocks: [
      "open-ingress aws_security_group_rule.database",
      'open-ingress aws_vpc_security_group_ingress_rule.ssh["0.0.0.0/0"]',
      "instance-metadata-open aws_instance.bastion",
    ],
    tells: ["noticed-update aws_instance.bastion", "noticed-update aws_security_group.bastion"],
  },
  "cache-resized": {
    blocks: [
      "store-destroyed aws_elasticache_cluster.rates",
      "store-destroyed aws_elasticache_replication_group.sessions",
      "kept-shorter aws_elasticache_replication_group.sessions",
      "encryption-lost aws_elasticache_replication_group.sessions",
      "tls-only-lost aws_elasticache_replication_group.sessions",
    ],
    tells: [],
  },
  "database-upgraded": { blocks: ["kept-shorter aws_db_instance.orders"], tells: ["noticed-update aws_db_instance.orders"] },
  "default-tags": {
    blocks: [
      "missing-tags aws_cloudwatch_log_group.jobs",
      "missing-tags aws_dynamodb_table.jobs",
      "missing-tags aws_iam_role.jobs",
      "missing-tags aws_launch_template.jobs",
      'missing-tags aws_sqs_queue.jobs["a"]',
      'missing-tags aws_sqs_queue.jobs["b"]',
      'missing-tags aws_sqs_queue.jobs["c"]',
      "missing-tags aws_subnet.private[0]",
      "missing-tags aws_subnet.private[1]",
      "missing-tags aws_vpc.main",
    ],
    tells: [],
  },
  "delivery-pipeline": {
    blocks: ["wider-permissions aws_iam_role_policy_attachment.build"],
    tells: [
      "noticed-update aws_codepipeline.app",
      "noticed-update aws_ecr_repository.app",
      "emptied-when-destroyed aws_ecr_repository.app",
    ],
  },
  "dns-zone": {
    blocks: ["alarm-removed aws_route53_health_check.www[0]"],
    tells: [
      "noticed-update aws_route53_record.spf[0]",
      "noticed-update aws_route53_record.www",
      "emptied-when-destroyed aws_route53_zone.main",
    ],
  },
  "ecs-behind-balancer": {
    blocks: [],
    tells: ["noticed-update aws_ecs_service.shop", "noticed-update aws_lb_listener.https", "noticed-update aws_lb_target_group.shop"],
  },
  "federated-trust": { blocks: ["wider-permissions aws_iam_role.deploy"], tells: [] },
  "fleet-template": {
    blocks: ["encryption-lost aws_launch_template.web", "scale-in-hazard aws_autoscaling_group.web"],
    tells: ["noticed-update aws_launch_template.web"],
  },
  "http-api": {
    blocks: [
      "public-access aws_apigatewayv2_route.customers",
      "wider-permissions aws_iam_role_policy.api",
      "wider-permissions aws_lambda_permission.api",
    ],
    tells: ["noticed-update aws_lambda_function.api"],
  },
  "key-removed": {
    blocks: [
      "store-destroyed aws_ebs_volume.scratch",
      "store-destroyed aws_kms_key.data",
      "encryption-lost aws_s3_bucket_server_side_encryption_configuration.exports",
      "encryption-lost aws_sns_topic.alerts",
    ],
    tells: [],
  },
  "kubernetes-nodes": {
    blocks: [
      "open-ingress aws_eks_cluster.platform",
      'wider-permissions aws_iam_role_policy_attachment.nodes["AmazonS3FullAccess"]',
      "alarm-removed aws_eks_cluster.platform",
    ],
    tells: ["noticed-update aws_eks_cluster.platform", "noticed-update aws_eks_node_group.general"],
  },
  "list-shortened": {
    blocks: [
      "store-destroyed aws_s3_bucket.tenant[0]",
      "store-destroyed aws_s3_bucket.tenant[1]",
      "store-destroyed aws_s3_bucket.tenant[2]",
    ],
    tells: [
      "noticed-update aws_iam_access_key.tenant[0]",
      "noticed-update aws_iam_access_key.tenant[1]",
      "noticed-update aws_iam_access_key.tenant[2]",
      "noticed-update aws_iam_user.tenant[2]",
    ],
  },
  "order-workflow": {
    blocks: [
      "store-destroyed aws_sfn_state_machine.orders",
      "kept-shorter aws_cloudwatch_log_group.orders",
      "schedule-removed aws_cloudwatch_event_rule.nightly",
      "timeouts-fit aws_sfn_state_machine.orders",
    ],
    tells: [],
  },
  "policy-with-wildcard": {
    blocks: [
      "wider-permissions aws_iam_policy.reports",
      "wider-permissions aws_iam_role_policy.start",
      "wider-permissions aws_iam_user_policy_attachment.robot[0]",
    ],
    tells: [],
  },
  "queue-worker": {
    blocks: [
      "store-destroyed aws_sqs_queue.dead[0]",
      "alarm-removed aws_cloudwatch_metric_alarm.dead[0]",
      "timeouts-fit aws_sqs_queue.mails",
    ],
    tells: [],
  },
  "renamed-module": {
    blocks: ['store-destroyed module.store["eu"].aws_dynamodb_table.this', 'store-destroyed module.store["eu"].aws_sqs_queue.this'],
    tells: [],
  },
  "secrets-rotated": {
    blocks: [
      "encryption-lost aws_secretsmanager_secret.token",
      "encryption-lost aws_ssm_parameter.webhook",
      "wider-permissions aws_secretsmanager_secret_policy.token",
      "schedule-removed aws_secretsmanager_secret_rotation.token[0]",
    ],
    tells: ["emptied-when-destroyed aws_secretsmanager_secret.token"],
  },
  "shared-files": {
    blocks: [
      "kept-shorter aws_efs_backup_policy.home",
      "tls-only-lost aws_efs_file_system_policy.home",
      "wider-permissions aws_efs_file_system_policy.home",
    ],
    tells: [],
  },
  "static-site": { blocks: ["tls-only-lost aws_cloudfront_distribution.site", "wider-permissions aws_s3_bucket_policy.site"], tells: [] },
  "table-indexes": {
    blocks: ["point-in-time-recovery-lost aws_dynamodb_table.events", "deletion-protection-lost aws_dynamodb_table.events"],
    tells: ["noticed-update aws_dynamodb_table.events"],
  },
};

test("every shape has a plan, and every plan is expected to be found something in", () => {
  const shapes = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name !== "made" ? [entry.name] : [],
  );
  expect(shapes.length).toBeGreaterThanOrEqual(20);
  expect(readdirSync(path.join(folder, "made")).map((file) => file.replace(".json.gz", ""))).toEqual(shapes.sort());
  expect(Object.keys(FOUND)).toEqual(shapes);
});

interface Made {
  readonly resource_changes: readonly {
    readonly change: { readonly before: unknown; readonly after: unknown; readonly actions: readonly string[] };
  }[];
}
const made = (name: string): Made => JSON.parse(gunzipSync(readFileSync(path.join(folder, "made", `${name}.json.gz`))).toString()) as Made;
const reviewed = (plan: object): Review => review(new Plan(plan), { requiredTags: [], exceptions: [] }, "2026-01-01");

/** The plan back again: what was destroyed is created, what was switched off is switched on. */
const reversed = (plan: Made): object => ({
  ...plan,
  resource_changes: plan.resource_changes.map((resource) => {
    const { actions, after, before } = resource.change;
    const back: Readonly<Record<string, string>> = { create: "delete", delete: "create" };
    return {
      ...resource,
      change: { ...resource.change, before: after, after: before, actions: actions.map((each) => back[each] ?? each) },
    };
  }),
});

// the good plans of branches that no case of rules.test.ts has
test.each(["alert-routes", "audit-trail", "backups-removed", "kubernetes-nodes"])(
  "%s, the other way round: what is watched or kept is none the less",
  (name) => {
    const rules = ["alarm-removed", "kept-shorter", "schedule-removed"];
    const isAbout = ({ rule, problem }: Review["findings"][number]): boolean =>
      rules.includes(rule) || problem.startsWith("the key is switched off");
    expect(reviewed(made(name)).findings.filter(isAbout)).not.toEqual([]);
    expect(reviewed(reversed(made(name))).findings.filter(isAbout)).toEqual([]);
  },
);

test.each(Object.entries(FOUND))("%s", (name, found) => {
  const { findings, isBlocked } = reviewed(made(name));
  const of = (wanted: "block" | "warn"): string[] => [
    ...new Set(findings.flatMap(({ address = "", rule, severity }) => (severity === wanted ? [`${rule} ${address}`] : []))),
  ];
  expect({ blocks: of("block"), tells: of("warn") }).toEqual(found);
  expect(isBlocked).toBe(found.blocks.length > 0);
});
