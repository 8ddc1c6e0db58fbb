import { expect } from "expect";
import { resourceAt, resourcesOf, type SynthesizedStack } from "../../support/synth";
import { assertions } from "./assertions";

const groupOf = (stack: SynthesizedStack) => resourceAt(stack, "aws_autoscaling_group", "Fleet/Group").body;
const templateOf = (stack: SynthesizedStack) => resourceAt(stack, "aws_launch_template", "Fleet/Template").body;

export const fleetAssertions = assertions("fleet", ({ name, config, stack }, test) => {
  const group = groupOf(stack);
  const template = templateOf(stack);

  test("the metadata service answers version 2 only, one hop far", () => {
    expect(template["metadata_options"]).toEqual({ http_endpoint: "enabled", http_tokens: "required", http_put_response_hop_limit: 1 });
  });

  test("the template names no zone and no subnet (S1.59, S1.60)", () => {
    expect(template).not.toHaveProperty("placement");
    expect(template).not.toHaveProperty("network_interfaces");
    expect(template["vpc_security_group_ids"]).toHaveLength(1);
  });

  test("spot is asked for by the group's mixed instances policy, never by the template (S1.110)", () => {
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

  test("instances are protected from scale-in, but in coursework (S1.69, X12)", () => {
    expect(group["protect_from_scale_in"]).toBe(name !== "coursework");
  });

  test("policies that take instances away exist only where instances are not protected", () => {
    const shrinking = resourcesOf(stack, "aws_autoscaling_policy").filter(({ body }) => Number(body["scaling_adjustment"] ?? 0) < 0);
    expect(shrinking).toHaveLength(name === "coursework" ? 1 : 0);
  });

  test("a warm-up is stated, so that no policy waits AWS's 300 s", () => {
    expect(group["default_instance_warmup"]).toBe(30);
  });

  test("instances are named Worker-Node and launched with all tags (S1.62)", () => {
    const tags = { Project: "filemill", Environment: name, Owner: config.owner, Name: "Worker-Node" };
    expect(group["tag"]).toEqual(Object.entries(tags).map(([key, value]) => ({ key, value, propagate_at_launch: true })));
    expect(template["tag_specifications"]).toEqual(
      ["instance", "volume", "network-interface"].map((resource) => ({ resource_type: resource, tags })),
    );
  });

  test("the root volume is encrypted", () => {
    expect(template["block_device_mappings"]).toEqual([
      {
        device_name: "/dev/xvda",
        ebs: { volume_type: "gp3", volume_size: config.fleet.rootVolumeGibibytes, encrypted: "true", delete_on_termination: "true" },
      },
    ]);
  });

  test("the group begins only when its role may do its work", () => {
    expect(group["depends_on"]).toEqual([resourceAt(stack, "aws_iam_role_policy", "Fleet/Template/Role/Policy").address]);
  });

  test("every alarm holds still when its metric is silent (S1.66)", () => {
    for (const { body } of resourcesOf(stack, "aws_cloudwatch_metric_alarm")) expect(body["treat_missing_data"]).toBe("notBreaching");
  });

  test("both queues that workers poll raise the capacity by what is visible", () => {
    const scaleOuts = resourcesOf(stack, "aws_cloudwatch_metric_alarm").filter(
      ({ body }) => String(body["alarm_name"]).endsWith("-scale-out") && body["metric_name"] === "ApproximateNumberOfMessagesVisible",
    );
    expect(scaleOuts.map(({ body }) => body["dimensions"])).toEqual(
      ["Data/Chunks", "Data/Jobs"].map((queue) => ({ QueueName: `\${${resourceAt(stack, "aws_sqs_queue", queue).address}.name}` })),
    );
  });

  test("a minimum of 0 wakes at one message (S1.109, X8)", () => {
    const alarms = resourcesOf(stack, "aws_cloudwatch_metric_alarm").filter(({ body }) =>
      String(body["alarm_name"]).endsWith("-scale-out"),
    );
    const thresholds = alarms.map(({ body }) => body["threshold"]);
    expect(thresholds).toEqual(group["min_size"] === 0 ? [1, 1] : [10, 10]);
  });
});
