import { userDataText } from "../../../support/resolve";
import { configurationOf, resourceAt, resourcesOf, synthesize, type SynthesizedStack } from "../../../support/synth";
import { neededByInstances } from "./assertions/fleet";

const groupOf = (stack: SynthesizedStack) => resourceAt(stack, "aws_autoscaling_group", "Fleet/Group").body;
const templateOf = (stack: SynthesizedStack) => resourceAt(stack, "aws_launch_template", "Fleet/Template").body;

test.each(["nat", "interface-endpoints"])("with the way out %s, too, instances come after all of it", (egress) => {
  const stack = synthesize(configurationOf("dev", { FILEMILL_EGRESS: egress }));
  expect([...(groupOf(stack)["depends_on"] as string[])].sort()).toEqual(neededByInstances(stack));
});

describe("coursework has the exact values", () => {
  const stack = synthesize(configurationOf("coursework"));
  const policy = (at: string) => resourceAt(stack, "aws_autoscaling_policy", at).body;
  const alarm = (at: string) => resourceAt(stack, "aws_cloudwatch_metric_alarm", at).body;

  test("names, size, type, termination (S1.58, S1.61, S1.63, S1.64, S1.83)", () => {
    expect(templateOf(stack)).toMatchObject({ name: "wordfreq-launch-template", instance_type: "t2.micro" });
    expect(groupOf(stack)).toMatchObject({
      name: "wordfreq-ASG",
      min_size: 1,
      desired_capacity: 1,
      max_size: 5,
      termination_policies: ["NewestInstance"],
    });
  });

  test("Scale-Out-Policy: 10 visible or more, +1, then 120 s (S0.13, S0.14, S1.66, S1.67)", () => {
    expect(policy("Fleet/ScaleOut")).toMatchObject({
      name: "Scale-Out-Policy",
      policy_type: "SimpleScaling",
      adjustment_type: "ChangeInCapacity",
      scaling_adjustment: 1,
      cooldown: 120,
    });
    expect(alarm("Fleet/ScaleOut/Alarm")).toMatchObject({
      metric_name: "ApproximateNumberOfMessagesVisible",
      comparison_operator: "GreaterThanOrEqualToThreshold",
      threshold: 10,
      alarm_actions: [`\${${resourceAt(stack, "aws_autoscaling_policy", "Fleet/ScaleOut").address}.arn}`],
    });
  });

  test("Scale-In-Policy: nothing visible, -1, then 120 s (S0.15, S1.68)", () => {
    expect(policy("Fleet/ScaleIn")).toMatchObject({
      name: "Scale-In-Policy",
      policy_type: "SimpleScaling",
      adjustment_type: "ChangeInCapacity",
      scaling_adjustment: -1,
      cooldown: 120,
    });
    expect(alarm("Fleet/ScaleIn/Alarm")).toMatchObject({
      comparison_operator: "LessThanOrEqualToThreshold",
      threshold: 0,
      evaluation_periods: 1,
      alarm_actions: [`\${${resourceAt(stack, "aws_autoscaling_policy", "Fleet/ScaleIn").address}.arn}`],
    });
  });

  test("the alarm that takes instances away counts what is visible and what is in work, in every queue that workers take from (S1.69)", () => {
    const queries = alarm("Fleet/ScaleIn/Alarm")["metric_query"] as Record<string, unknown>[];
    const [sum, ...metrics] = queries;
    const expected = ["Jobs", "Chunks"].flatMap((queue) =>
      ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"].map((name) => ({
        namespace: "AWS/SQS",
        metric_name: name,
        dimensions: { QueueName: `\${${resourceAt(stack, "aws_sqs_queue", `Data/${queue}`).address}.name}` },
        stat: "Maximum",
        period: 60,
      })),
    );
    expect(metrics.map(({ metric }) => metric)).toEqual(expected);
    expect(sum).toMatchObject({ expression: metrics.map(({ id }) => String(id)).join(" + "), return_data: true });
    // exactly one of an alarm's queries is its value
    expect(queries.filter(({ return_data: value }) => value === true)).toHaveLength(1);
    for (const { id } of queries) expect(id).toMatch(/^[a-z][A-Za-z0-9_]*$/);
  });

  test.each(["simple", "step"])(
    "one batch on the fleet reaches the last step of the %s policy while every worker has a chunk (S1.67, S1.85)",
    (kind) => {
      const { fleet, workflow } = configurationOf("coursework", { FILEMILL_SCALING: kind });
      const visible = workflow.fleetConcurrency - fleet.maximumInstances * fleet.slotsPerWorker;
      const { scaleOut } = fleet;
      const last = scaleOut?.kind === "simple" ? scaleOut.threshold : (scaleOut?.steps.at(-1)?.from ?? Infinity);
      expect(visible).toBeGreaterThanOrEqual(last);
    },
  );

  test("the step policy takes 120 messages from 1 to 5 instances in one alarm, warm-up 30 s (S0.16, S1.85, S1.86, X5)", () => {
    const stepped = synthesize(configurationOf("coursework", { FILEMILL_SCALING: "step" }));
    expect(resourceAt(stepped, "aws_autoscaling_policy", "Fleet/ScaleOut").body).toMatchObject({
      name: "Scale-Out-Policy",
      policy_type: "StepScaling",
      estimated_instance_warmup: 30,
      step_adjustment: [
        { scaling_adjustment: 1, metric_interval_lower_bound: "0", metric_interval_upper_bound: "40" },
        { scaling_adjustment: 2, metric_interval_lower_bound: "40", metric_interval_upper_bound: "90" },
        { scaling_adjustment: 4, metric_interval_lower_bound: "90" },
      ],
    });
    expect(resourceAt(stepped, "aws_cloudwatch_metric_alarm", "Fleet/ScaleOut/Alarm").body["threshold"]).toBe(10);
  });

  test("no orchestrator beside the published policies", () => {
    expect(
      resourcesOf(stack, "aws_cloudwatch_event_rule")
        .map(({ body }) => body["name"])
        .sort(),
    ).toEqual(["wordfreq-execution-ended", "wordfreq-reconcile", "wordfreq-spot-interruption", "wordfreq-sweep"]);
  });
});

describe("the image, its root device and the key pair are inputs", () => {
  const templateWith = (variables: Readonly<Record<string, string>>) => {
    const stack = synthesize(configurationOf("coursework", variables));
    const template = templateOf(stack);
    const [root] = template["block_device_mappings"] as { device_name: string }[];
    return { stack, template, rootDevice: root?.device_name };
  };

  test("an image by its name is the newest of the account's own that is available, with its own root device (S0.12, S1.56, S1.57)", () => {
    const { rootDevice, stack, template } = templateWith({ FILEMILL_AMI_NAME: "wordfreq-worker-ami" });
    const [id, found] = Object.entries(stack.data["aws_ami"] ?? {})[0] ?? [];
    expect(found).toMatchObject({
      owners: ["self"],
      most_recent: true,
      filter: [
        { name: "name", values: ["wordfreq-worker-ami"] },
        { name: "state", values: ["available"] },
        { name: "architecture", values: ["x86_64"] },
      ],
    });
    expect(template["image_id"]).toBe(`\${data.aws_ami.${String(id)}.id}`);
    expect(rootDevice).toBe(`\${data.aws_ami.${String(id)}.root_device_name}`);
    expect(stack.data).not.toHaveProperty("aws_ssm_parameter");
  });

  test("an image by its id, with a root device of another name, as Ubuntu has it (S0.8, S1.56)", () => {
    const { rootDevice, template } = templateWith({ FILEMILL_AMI_ID: "ami-0123456789abcdef0", FILEMILL_ROOT_DEVICE: "/dev/sda1" });
    expect([template["image_id"], rootDevice]).toEqual(["ami-0123456789abcdef0", "/dev/sda1"]);
  });

  test("a key pair is in the template only when one is named (S1.59)", () => {
    expect(templateWith({}).template).not.toHaveProperty("key_name");
    expect(templateWith({ FILEMILL_KEY_PAIR: "lab key" }).template["key_name"]).toBe("lab key");
  });

  test("other instance types bring the image and the archive of their architecture (S0.19, X6)", () => {
    const { stack, template } = templateWith({ FILEMILL_INSTANCE_TYPES: "c5.large" });
    expect(template["instance_type"]).toBe("c5.large");
    const onDev = synthesize(configurationOf("dev", { FILEMILL_INSTANCE_TYPES: "c5.large, m5.large" }));
    for (const each of [stack, onDev]) {
      expect(JSON.stringify(each.data["aws_ssm_parameter"])).toContain("al2023-ami-kernel-default-x86_64");
      expect(resourceAt(each, "aws_s3_object", "Fleet/Archive").body["source"]).toBe("../../../dist/worker/worker-linux-x64.tar.gz");
    }
  });
});

describe("types of both architectures in one fleet (S0.19)", () => {
  const stack = synthesize(configurationOf("dev", { FILEMILL_INSTANCE_TYPES: "c7g.large,c5.large,m7g.large,m5.large" }));
  const [arm, x86] = ["Fleet/Template", "Fleet/Template/Resource-x86_64"].map((at) => resourceAt(stack, "aws_launch_template", at));
  const scriptOf = (template: typeof arm): string => userDataText(stack, template?.body["user_data"]);

  test("each has the template of its architecture, in the order that was given; the group's own is the first one's", () => {
    const specification = (template: typeof arm) => ({
      launch_template_id: `\${${template?.address ?? ""}.id}`,
      version: `\${${template?.address ?? ""}.latest_version}`,
    });
    expect(groupOf(stack)["mixed_instances_policy"]).toMatchObject({
      launch_template: {
        launch_template_specification: specification(arm),
        override: [
          { instance_type: "c7g.large" },
          { instance_type: "c5.large", launch_template_specification: specification(x86) },
          { instance_type: "m7g.large" },
          { instance_type: "m5.large", launch_template_specification: specification(x86) },
        ],
      },
    });
    expect([arm, x86].map((template) => [template?.body["name"], template?.body["instance_type"]])).toEqual([
      ["wordfreq-launch-template", "c7g.large"],
      ["wordfreq-launch-template-x86_64", "c5.large"],
    ]);
  });

  test("each has the image and the archive of its architecture, and one role", () => {
    const images = [arm, x86].map((template) => {
      const id = /^\$\{data\.aws_ssm_parameter\.([\w-]+)\.insecure_value\}$/.exec(String(template?.body["image_id"]))?.[1] ?? "";
      return stack.data["aws_ssm_parameter"]?.[id]?.["name"];
    });
    expect(images).toEqual([expect.stringMatching(/arm64$/), expect.stringMatching(/x86_64$/)]);
    const archives = ["Fleet/Archive", "Fleet/Archive-x86_64"].map((at) => resourceAt(stack, "aws_s3_object", at));
    expect(archives.map(({ body }) => body["source"])).toEqual([
      "../../../dist/worker/worker-linux-arm64.tar.gz",
      "../../../dist/worker/worker-linux-x64.tar.gz",
    ]);
    expect([arm, x86].map((template) => archives.findIndex(({ address }) => scriptOf(template).includes(`\${${address}.key}`)))).toEqual([
      0, 1,
    ]);
    expect(arm?.body["iam_instance_profile"]).toEqual(x86?.body["iam_instance_profile"]);
    expect(groupOf(stack)["depends_on"]).toEqual(expect.arrayContaining(archives.map(({ address }) => address)));
  });

  test("workers of both have one version, which changes with either script: none is outdated because of where it runs", () => {
    const versions = [arm, x86].map((template) => /^WORKER_VERSION=(.*)$/m.exec(scriptOf(template))?.[1]);
    expect(new Set(versions).size).toBe(1);
    const localsIn = (text = ""): (string | undefined)[] =>
      [...text.matchAll(/local\.([\w-]+)/g)].map(([, name = ""]) => stack.locals[name]);
    const parts = localsIn(localsIn(versions[0])[0]);
    const scripts = resourcesOf(stack, "aws_launch_template").map((template) => scriptOf(template).replace(versions[0] ?? "", ""));
    expect([...parts].sort()).toEqual(scripts.sort());
    expect(scripts).toHaveLength(4);
  });

  test("nothing of the second architecture is there where the types are of one", () => {
    const addresses = Object.keys(synthesize(configurationOf("dev")).resource["aws_launch_template"] ?? {});
    // of the fleet, and of its on-demand capacity
    expect(addresses).toHaveLength(2);
  });
});
