import type { EnvironmentConfig } from "../../../../../../systems/batch/config/schema";
import { namedZones, type Expected, type Reference } from "./expected";

const ACCOUNT = "${data.aws_caller_identity.account.account_id}";
/** Where Linux begins connections from. */
const OWN_PORTS = { from_port: 32_768, to_port: 60_999 };
const HTTPS = { from_port: 443, to_port: 443 };

/** What makes a stack hard to harm: each kind only where the configuration asks for it. */
export function expectedHardening(config: EnvironmentConfig, ref: Reference): Expected {
  const vpc = { vpc_id: ref("aws_vpc", "Fleet/Network", "id") };
  return {
    aws_default_security_group: { "Fleet/Network/DefaultGroup": vpc },
    ...(config.networkAcl ? { aws_network_acl: { "Fleet/Network/WorkerAcl": { ...vpc, ...aclOf(config, ref) } } } : {}),
    ...(config.auditLogDays === undefined ? {} : auditLogs(ref, vpc)),
    ...(config.backupDays === undefined ? {} : backups(config, ref)),
  };
}

function aclOf(config: EnvironmentConfig, ref: Reference): object {
  const allow = (rule_no: number, cidr_block: string, ports: object) => ({
    rule_no,
    cidr_block,
    action: "allow",
    protocol: "tcp",
    icmp_code: null,
    icmp_type: null,
    ipv6_cidr_block: null,
    ...ports,
  });
  return {
    subnet_ids: namedZones(config).map((_zone, index) => ref("aws_subnet", `Fleet/Network/Subnet${String(index)}`, "id")),
    egress: [allow(100, "0.0.0.0/0", HTTPS), allow(110, config.vpcCidr, OWN_PORTS)],
    ingress: [allow(100, "0.0.0.0/0", OWN_PORTS), allow(110, config.vpcCidr, HTTPS)],
  };
}

const auditLogs = (ref: Reference, vpc: object): Expected => ({
  aws_flow_log: {
    "Fleet/Network/FlowLogs": {
      ...vpc,
      traffic_type: "ALL",
      log_destination_type: "s3",
      log_destination: `${ref("aws_s3_bucket", "Data/Logs/Bucket", "arn")}/network/`,
    },
  },
  aws_s3_bucket_logging: Object.fromEntries(
    ["Uploading", "Processing", "State"].map((place) => [
      `Data/${place}/AccessLog`,
      {
        bucket: ref("aws_s3_bucket", `Data/${place}`, "bucket"),
        target_bucket: ref("aws_s3_bucket", "Data/Logs/Bucket", "bucket"),
        target_prefix: `access/${place.toLowerCase()}/`,
      },
    ]),
  ),
});

function backups(config: EnvironmentConfig, ref: Reference): Expected {
  const name = `${config.namePrefix}wordfreq-backups`;
  return {
    aws_backup_vault: { "Data/Backups/Vault": { name, lifecycle: { prevent_destroy: true } } },
    aws_backup_plan: {
      "Data/Backups": {
        name,
        rule: [
          {
            rule_name: "monthly",
            schedule: "cron(0 3 1 * ? *)",
            target_vault_name: ref("aws_backup_vault", "Data/Backups/Vault", "name"),
            lifecycle: { delete_after: config.backupDays },
          },
        ],
      },
    },
    aws_backup_selection: {
      "Data/Backups/Selection": {
        name: "tables",
        plan_id: ref("aws_backup_plan", "Data/Backups", "id"),
        iam_role_arn: ref("aws_iam_role", "Data/Backups/Role", "arn"),
        resources: ["Data/ResultTable", "Data/Ledger"].map((table) => ref("aws_dynamodb_table", table, "arn")),
        depends_on: [ref("aws_iam_role_policy", "Data/Backups/Role/Policy", "")],
      },
    },
  };
}

/** What the log bucket's policy lets in. */
export function logStatements(ref: Reference): object[] {
  const logs = ref("aws_s3_bucket", "Data/Logs/Bucket", "arn");
  const from = (sid: string, service: string, source: string, actions: string[], resource: string, equals: object = {}) => ({
    Sid: sid,
    Effect: "Allow",
    Principal: { Service: service },
    Action: actions,
    Resource: [resource],
    Condition: { ArnEquals: { "aws:SourceArn": source }, StringEquals: { ...equals, "aws:SourceAccount": ACCOUNT } },
  });
  const delivery = `arn:aws:logs:us-east-1:${ACCOUNT}:*`;
  return [
    ...["Uploading", "Processing", "State"].map((place) =>
      from(
        `AccessLog${place}`,
        "logging.s3.amazonaws.com",
        ref("aws_s3_bucket", `Data/${place}`, "arn"),
        ["s3:PutObject"],
        `${logs}/access/${place.toLowerCase()}/*`,
      ),
    ),
    from("AWSLogDeliveryWrite", "delivery.logs.amazonaws.com", delivery, ["s3:PutObject"], `${logs}/network/AWSLogs/${ACCOUNT}/*`, {
      "s3:x-amz-acl": "bucket-owner-full-control",
    }),
    from("AWSLogDeliveryAclCheck", "delivery.logs.amazonaws.com", delivery, ["s3:GetBucketAcl", "s3:ListBucket"], logs),
  ];
}

/** The lifecycle that keeps a store where data is protected. */
export const keptWhere = ({ protectData }: EnvironmentConfig): object => (protectData ? { lifecycle: { prevent_destroy: true } } : {});
