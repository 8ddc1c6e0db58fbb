import type { EnvironmentConfig } from "../../../../../../systems/batch/config/schema";
import { ELSEWHERE, namedZones, WORDS, type Expected, type Reference } from "./expected";

/** Network, launch template, group and its policies. */
export function expectedFleet(config: EnvironmentConfig, ref: Reference): Expected {
  const { fleet } = config;
  const vpc = { vpc_id: ref("aws_vpc", "Fleet/Network", "id") };
  const routeTable = ref("aws_route_table", "Fleet/Network/Routes", "id");
  const zones = namedZones(config).map((zone, index) => ({ zone, index, subnet: `Fleet/Network/Subnet${String(index)}` }));
  const securityGroup = ref("aws_security_group", "Fleet/Network/WorkerGroup", "id");
  const { onDemandRescue: rescue } = fleet;
  const template = (suffix: string, userData: unknown) => ({
    name: config.namePrefix + fleet.launchTemplateName + suffix,
    description: WORDS,
    image_id: "${data.aws_ssm_parameter.Fleet_Template_Image_7628FC3A.insecure_value}",
    instance_type: fleet.instanceTypes[0],
    // a t2 can't be, and wouldn't start
    ebs_optimized: String(!fleet.instanceTypes.some((type) => type.startsWith("t2."))),
    update_default_version: true,
    iam_instance_profile: { arn: ref("aws_iam_instance_profile", "Fleet/Template/Profile", "arn") },
    vpc_security_group_ids: [securityGroup],
    ...(fleet.keyPairName === undefined ? {} : { key_name: fleet.keyPairName }),
    // the fleet's own assertions
    block_device_mappings: ELSEWHERE,
    metadata_options: ELSEWHERE,
    tag_specifications: ELSEWHERE,
    user_data: userData,
  });
  const group = (suffix: string, sizes: object) => ({
    ...sizes,
    name: config.namePrefix + fleet.groupName + suffix,
    default_instance_warmup: fleet.warmUpSeconds,
    health_check_type: "EC2",
    health_check_grace_period: fleet.warmUpSeconds,
    wait_for_capacity_timeout: "0",
    termination_policies: fleet.terminationPolicies,
    vpc_zone_identifier: zones.map(({ subnet }) => ref("aws_subnet", subnet, "id")),
    metrics_granularity: "1Minute",
    enabled_metrics: ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances"],
    capacity_rebalance: false,
    protect_from_scale_in: fleet.protectFromScaleIn,
    suspended_processes: ["AZRebalance"],
    lifecycle: { ignore_changes: ["desired_capacity"] },
    depends_on: ELSEWHERE,
    mixed_instances_policy: ELSEWHERE,
    tag: ELSEWHERE,
  });
  const hook = (at: string) => ({
    name: `${config.namePrefix}wordfreq-worker-drains`,
    autoscaling_group_name: ref("aws_autoscaling_group", at, "name"),
    lifecycle_transition: "autoscaling:EC2_INSTANCE_TERMINATING",
    heartbeat_timeout: fleet.terminationTimeoutSeconds,
    default_result: "CONTINUE",
  });
  return {
    aws_vpc: { "Fleet/Network": { cidr_block: config.vpcCidr, enable_dns_hostnames: true, enable_dns_support: true } },
    aws_internet_gateway: { "Fleet/Network/InternetGateway": vpc },
    aws_route_table: { "Fleet/Network/Routes": vpc },
    aws_route: {
      "Fleet/Network/InternetRoute": {
        route_table_id: routeTable,
        destination_cidr_block: "0.0.0.0/0",
        gateway_id: ref("aws_internet_gateway", "Fleet/Network/InternetGateway", "id"),
      },
    },
    aws_subnet: Object.fromEntries(
      zones.map(({ zone, index, subnet }) => [
        subnet,
        {
          ...vpc,
          availability_zone: zone,
          cidr_block: `\${cidrsubnet("${config.vpcCidr}", 4, ${String(index)})}`,
          map_public_ip_on_launch: true,
        },
      ]),
    ),
    aws_route_table_association: Object.fromEntries(
      zones.map(({ index, subnet }) => [
        `Fleet/Network/Association${String(index)}`,
        { route_table_id: routeTable, subnet_id: ref("aws_subnet", subnet, "id") },
      ]),
    ),
    aws_security_group: { "Fleet/Network/WorkerGroup": { ...vpc, name: "filemill-workers", description: WORDS } },
    aws_vpc_security_group_egress_rule: {
      "Fleet/Network/WorkerTls": {
        security_group_id: securityGroup,
        description: WORDS,
        cidr_ipv4: "0.0.0.0/0",
        ip_protocol: "tcp",
        from_port: 443,
        to_port: 443,
      },
    },
    aws_iam_instance_profile: {
      "Fleet/Template/Profile": { name: `${config.namePrefix}wordfreq-worker`, role: ref("aws_iam_role", "Fleet/Template/Role", "name") },
    },
    aws_launch_template: {
      "Fleet/Template": template("", ELSEWHERE),
      // another queue and another group is all that its workers are told otherwise
      ...(rescue === undefined ? {} : { "Fleet/Template/Resource-on-demand": template("-on-demand", ELSEWHERE) }),
    },
    aws_autoscaling_group: {
      "Fleet/Group": group("", {
        min_size: fleet.minimumInstances,
        max_size: fleet.maximumInstances,
        desired_capacity: fleet.initialInstances,
      }),
      ...(rescue === undefined
        ? {}
        : { "Fleet/OnDemandGroup": group("-on-demand", { min_size: 0, max_size: rescue.maximumInstances, desired_capacity: 0 }) }),
    },
    aws_autoscaling_lifecycle_hook: {
      "Fleet/Group/TerminationHook": hook("Fleet/Group"),
      ...(rescue === undefined ? {} : { "Fleet/OnDemandGroup/TerminationHook": hook("Fleet/OnDemandGroup") }),
    },
    ...policiesOf(config, ref),
  };
}

function policiesOf({ fleet: { scaleIn, scaleOut } }: EnvironmentConfig, ref: Reference): Expected {
  // the orchestrator's alone is the capacity then
  if (scaleOut === undefined) return {};
  const common = { autoscaling_group_name: ref("aws_autoscaling_group", "Fleet/Group", "name"), adjustment_type: "ChangeInCapacity" };
  const simple = (adjustment: number, cooldown: number) => ({
    ...common,
    policy_type: "SimpleScaling",
    scaling_adjustment: adjustment,
    cooldown,
  });
  const out =
    scaleOut.kind === "simple"
      ? simple(scaleOut.add, scaleOut.cooldownSeconds)
      : {
          ...common,
          policy_type: "StepScaling",
          metric_aggregation_type: "Maximum",
          estimated_instance_warmup: scaleOut.warmUpSeconds,
          // bounds are counted from the alarm's threshold, which is the first step
          step_adjustment: scaleOut.steps.map(({ from, add }, index, steps) => {
            const [first, next] = [steps[0]?.from ?? Number.NaN, steps[index + 1]?.from];
            return {
              scaling_adjustment: add,
              metric_interval_lower_bound: String(from - first),
              ...(next === undefined ? {} : { metric_interval_upper_bound: String(next - first) }),
            };
          }),
        };
  return {
    aws_autoscaling_policy: {
      "Fleet/ScaleOut": { name: "Scale-Out-Policy", ...out },
      "Fleet/ScaleOutChunks": { name: "Scale-Out-Chunks-Policy", ...out },
      ...(scaleIn === undefined
        ? {}
        : { "Fleet/ScaleIn": { name: "Scale-In-Policy", ...simple(-scaleIn.remove, scaleIn.cooldownSeconds) } }),
    },
  };
}
