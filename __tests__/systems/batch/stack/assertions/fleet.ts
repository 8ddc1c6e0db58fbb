import { expect } from "expect";
import { FLEET_BOOT_SECONDS } from "../../../../../systems/batch/core/pricing/estimate";
import { allResources, constructPathOf, resourceAt, resourcesOf, type SynthesizedStack } from "../../../../support/synth";
import { assertions } from "./assertions";

const groupOf = (stack: SynthesizedStack) => resourceAt(stack, "aws_autoscaling_group", "Fleet/Group").body;
const policiesOf = (stack: SynthesizedStack) => allResources(stack).filter(({ type }) => type === "aws_autoscaling_policy");
const templateOf = (stack: SynthesizedStack) => resourceAt(stack, "aws_launch_template", "Fleet/Template").body;

/** The worker's permissions and its program, and every way in its network. */
export const neededByInstances = (stack: SynthesizedStack): string[] =>
  allResources(stack)
    .filter(
      (resource) =>
        ["Fleet/Template/Role/Policy", "Fleet/Logs"].includes(constructPathOf(resource)) ||
        [
          "aws_network_acl",
          "aws_s3_object",
          "aws_route",
          "aws_route_table_association",
          "aws_vpc_endpoint",
          "aws_vpc_security_group_egress_rule",
          "aws_vpc_security_group_ingress_rule",
        ].includes(resource.type),
    )
    .map(({ address }) => address)
    .sort();

export const fleetAssertions = assertions("fleet", ({ name, config, stack }, test) => {
  const group = groupOf(stack);
  const template = templateOf(stack);
  // the fleet's, and those of its on-demand capacity
  const groups = resourcesOf(stack, "aws_autoscaling_group");
  const templates = resourcesOf(stack, "aws_launch_template");

  test("the metadata service answers version 2 only, one hop far", () => {
    for (const { body } of templates)
      expect(body["metadata_options"]).toEqual({ http_endpoint: "enabled", http_tokens: "required", http_put_response_hop_limit: 1 });
  });

  test("the template names no zone and no subnet (S1.59, S1.60)", () => {
    expect(template).not.toHaveProperty("placement");
    expect(template).not.toHaveProperty("network_interfaces");
    expect(template["vpc_security_group_ids"]).toHaveLength(1);
  });

  test("spot is asked for by the group's mixed instances policy, never by the template (S0.30, S1.110)", () => {
    expect(template).not.toHaveProperty("instance_market_options");
    expect(group).not.toHaveProperty("launch_template");
    expect(group["mixed_instances_policy"]).toEqual({
      instances_distribution: {
        on_demand_base_capacity: config.fleet.onDemandBaseCapacity,
        on_demand_percentage_above_base_capacity: config.fleet.onDemandPercentage,
        spot_allocation_strategy: "price-capacity-optimized",
      },
      launch_template: {
        launch_template_specification: {
          launch_template_id: expect.stringMatching(/^\$\{aws_launch_template\..*\.id\}$/) as unknown as string,
          version: expect.stringMatching(/^\$\{aws_launch_template\..*\.latest_version\}$/) as unknown as string,
        },
        override: config.fleet.instanceTypes.map((type) => ({ instance_type: type })),
      },
    });
  });

  test("nothing but scaling ends a worker (invariant 6)", () => {
    expect(group).toMatchObject({
      suspended_processes: ["AZRebalance"],
      capacity_rebalance: false,
      lifecycle: { ignore_changes: ["desired_capacity"] },
    });
    expect(group).not.toHaveProperty("instance_refresh");
    expect(group).not.toHaveProperty("max_instance_lifetime");
  });

  test("S1.69: an instance that is ended waits for its worker, longer than that may take to its next look, in coursework, too", () => {
    const hooks = resourcesOf(stack, "aws_autoscaling_lifecycle_hook").map(({ body }) => body);
    expect(hooks).toHaveLength(resourcesOf(stack, "aws_autoscaling_group").length);
    for (const { heartbeat_timeout, lifecycle_transition } of hooks) {
      expect(lifecycle_transition).toBe("autoscaling:EC2_INSTANCE_TERMINATING");
      // a slot that lives takes progressTimeoutSeconds at most, and a worker that is stopped 110 s
      expect(Number(heartbeat_timeout)).toBeGreaterThan(config.work.progressTimeoutSeconds + 110);
      // a host on which nobody answers is paid for so much longer
      expect(Number(heartbeat_timeout)).toBeLessThanOrEqual(600);
    }
  });

  test("ADR 39: where spot capacity may lose a chunk again and again, a group of on-demand capacity waits at zero, and nobody sees drift", () => {
    const rescue = config.fleet.onDemandRescue;
    expect(rescue === undefined).toBe(name === "coursework");
    const [onDemand] = resourcesOf(stack, "aws_autoscaling_group").filter((each) => constructPathOf(each) === "Fleet/OnDemandGroup");
    if (rescue === undefined) {
      expect(onDemand).toBeUndefined();
      return;
    }
    expect(onDemand?.body).toMatchObject({
      min_size: 0,
      desired_capacity: 0,
      protect_from_scale_in: true,
      lifecycle: { ignore_changes: ["desired_capacity"] },
      mixed_instances_policy: {
        instances_distribution: { on_demand_base_capacity: 0, on_demand_percentage_above_base_capacity: 100 },
        launch_template: { override: config.fleet.instanceTypes.map((type) => ({ instance_type: type })) },
      },
    });
  });

  test("instances are protected from scale-in, but in coursework (S1.69, X12)", () => {
    expect(group["protect_from_scale_in"]).toBe(name !== "coursework");
  });

  test("policies that take instances away exist only where instances are not protected", () => {
    const shrinking = policiesOf(stack).filter(({ body }) => Number(body["scaling_adjustment"] ?? 0) < 0);
    expect(shrinking).toHaveLength(name === "coursework" ? 1 : 0);
  });

  test("a warm-up is stated, so that no policy waits AWS's 300 s", () => {
    // what the planner reckons with, too; 30 s are the course's own
    expect(group["default_instance_warmup"]).toBe(name === "coursework" ? 30 : FLEET_BOOT_SECONDS);
  });

  test("instances are named Worker-Node and launched with all tags (S1.62)", () => {
    const tags = { Project: "filemill", Environment: name, Owner: config.owner, Stack: `batch-${name}`, Name: "Worker-Node" };
    for (const { body } of groups)
      expect(body["tag"]).toEqual(Object.entries(tags).map(([key, value]) => ({ key, value, propagate_at_launch: true })));
    for (const { body } of templates)
      expect(body["tag_specifications"]).toEqual(
        ["instance", "volume", "network-interface"].map((resource) => ({ resource_type: resource, tags })),
      );
  });

  test("the root volume is encrypted", () => {
    const ebs = { volume_type: "gp3", volume_size: config.fleet.rootVolumeGibibytes, encrypted: "true", delete_on_termination: "true" };
    for (const { body } of templates) expect(body["block_device_mappings"]).toEqual([{ device_name: "/dev/xvda", ebs }]);
  });

  test("the group begins after all that its first instance needs, and so ends before it", () => {
    for (const { body } of groups) expect([...(body["depends_on"] as string[])].sort()).toEqual(neededByInstances(stack));
  });

  test("every alarm holds still when its metric is silent (S1.66)", () => {
    for (const { body } of resourcesOf(stack, "aws_cloudwatch_metric_alarm")) expect(body["treat_missing_data"]).toBe("notBreaching");
  });

  test("one hand on the capacity: beside the orchestrator there is no policy, whose alarm would repeat its raise each minute (S1.109)", () => {
    const isOrchestrated = resourcesOf(stack, "aws_cloudwatch_event_rule").some(({ body }) => body["name"] === "wordfreq-orchestrate");
    expect(isOrchestrated).toBe(name !== "coursework");
    expect(policiesOf(stack).length > 0).toBe(!isOrchestrated);
    const acting = resourcesOf(stack, "aws_cloudwatch_metric_alarm").filter(({ body }) =>
      JSON.stringify(body["alarm_actions"] ?? "").includes("aws_autoscaling_policy"),
    );
    expect(acting.length > 0).toBe(!isOrchestrated);
  });

  test("where nothing but signs of life ends a host, an alarm tells of a fleet that can't start", () => {
    const alarms = allResources(stack).filter(({ body }) => body["alarm_name"] === "wordfreq-fleet-halted");
    const filters = allResources(stack).filter(
      ({ body, type }) => type === "aws_cloudwatch_log_metric_filter" && body["name"] === "wordfreq-fleet-halted",
    );
    // nobody looks for signs of life in coursework
    const kinds = name === "coursework" ? [] : ["fleet_halted"];
    expect(filters.map(({ body }) => body["pattern"])).toEqual(kinds.map((event) => `{ $.message = "${event}" }`));
    expect(filters.every(({ body }) => String(body["log_group_name"]).includes("Reconcile_Logs"))).toBe(true);
    const metric = { name: "wordfreq-fleet-halted", namespace: "Filemill", value: "1" };
    expect(filters.map(({ body }) => body["metric_transformation"])).toEqual(kinds.map(() => metric));
    expect(alarms.map(({ body }) => body)).toMatchObject(
      filters.map(({ address }) => ({
        namespace: "Filemill",
        metric_name: `\${${address}.name}`,
        statistic: "Sum",
        threshold: 1,
        period: 900,
        evaluation_periods: 1,
      })),
    );
  });

  test("both queues that workers poll raise the capacity by what is visible, where policies do", () => {
    const scaleOuts = resourcesOf(stack, "aws_cloudwatch_metric_alarm").filter(
      ({ body }) => String(body["alarm_name"]).endsWith("-scale-out") && body["metric_name"] === "ApproximateNumberOfMessagesVisible",
    );
    expect(scaleOuts.map(({ body }) => body["dimensions"])).toEqual(
      (name === "coursework" ? ["Data/Chunks", "Data/Jobs"] : []).map((queue) => ({
        QueueName: `\${${resourceAt(stack, "aws_sqs_queue", queue).address}.name}`,
      })),
    );
  });

  test("a minimum of 0 has the orchestrator, which wakes at one message (S1.109, X8)", () => {
    expect(group["min_size"]).toBe(policiesOf(stack).length === 0 ? 0 : 1);
  });
});
