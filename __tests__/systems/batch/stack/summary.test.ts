import { costAtRest } from "../../../../kit/synth/cost-at-rest";
import { summaryOf } from "../../../../kit/synth/summary";
import { configurationOf, resourcesOf, synthesize } from "../../../support/synth";

const three = { a: {}, b: {}, c: {} };
const STACK = { system: "batch", isDefault: true, name: "batch-dev", environment: "dev", file: "cdktf.out/stacks/batch-dev/cdk.tf.json" };

test("says what was made: the stack, its file, resources by kind with the most frequent first, and the next step", () => {
  const resources = { aws_vpc: { a: {} }, aws_s3_bucket: three, aws_s3_bucket_policy: three, aws_sqs_queue: { a: {}, b: {} } };
  expect(summaryOf({ ...STACK, resources })).toBe(
    [
      "batch-dev: 9 resources in cdktf.out/stacks/batch-dev/cdk.tf.json",
      "  6 s3*, 2 sqs_queue, 1 vpc",
      "at rest: about 0.00 $ a month at list prices;",
      "  runs by schedule (under 1 $) and what is stored come on top",
      "next: scripts/terraform-plan.sh dev shows what a deployment would change;",
      '  README.md, "Deploy", says how to apply it',
      "",
    ].join("\n"),
  );
});

test("many kinds are broken into lines that fit a screen, and none is left out", () => {
  const types = Array.from({ length: 40 }, (_, index) => `aws_kind${String(index)}_of_resource`);
  const summary = summaryOf({ ...STACK, resources: Object.fromEntries(types.map((type) => [type, three])) });
  const lines = summary.split("\n");
  expect(lines[0]).toBe("batch-dev: 120 resources in cdktf.out/stacks/batch-dev/cdk.tf.json");
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(summary.match(/3 kind\d+_of_resource/g)).toHaveLength(types.length);
});

test("what runs on this machine is not deployed", () => {
  const summary = summaryOf({ ...STACK, name: "batch-local", environment: "local", resources: {} });
  expect(summary).toContain("local up");
  expect(summary).not.toContain("terraform");
});

test("a system that is not the one meant without a name is named in what comes next", () => {
  const other = { ...STACK, isDefault: false, system: "media", resources: {} };
  expect(summaryOf({ ...other, environment: "local" })).toContain("`node bin/filemill.js local up --system media`");
  expect(summaryOf(other)).toContain("scripts/terraform-plan.sh dev media shows");
});

describe("what a stack costs while nobody uses it", () => {
  const cost = (...variables: Parameters<typeof configurationOf>) => costAtRest(synthesize(configurationOf(...variables)).resource);
  const { dollars: watching } = cost("dev");

  test("alarms only, where no worker always runs: two on the age of messages, three on dead letters, one on the fleet", () => {
    expect(cost("dev", { FILEMILL_OBSERVABILITY: "lean" })).toEqual({ dollars: expect.closeTo(0.6, 5) as number, unpriced: [] });
  });

  test("what watches all of it: 15 more alarms on 45 metrics, a dashboard and a key", () => {
    const alarms = resourcesOf(synthesize(configurationOf("dev")), "aws_cloudwatch_metric_alarm");
    expect(alarms).toHaveLength(6 + 15);
    expect(watching - 0.6).toBeCloseTo(45 * 0.1 + 3 + 1, 5);
  });

  test("a NAT gateway with its address, or endpoints for work in three zones each, for people in one", () => {
    expect(cost("dev", { FILEMILL_EGRESS: "nat" }).dollars - watching).toBeCloseTo(36.5, 5);
    expect(cost("dev", { FILEMILL_EGRESS: "interface-endpoints" }).dollars - watching).toBeCloseTo((3 * 3 + 3) * 7.3, 5);
  });

  test("the coursework's one instance, with its address; its scale-in alarm looks at four metrics", () => {
    const { dollars } = cost("coursework");
    // two on the age of messages, three on dead letters, two that scale out
    expect(dollars).toBeCloseTo(0.1 * (7 + 4) + 730 * (0.0116 + 0.005), 5);
  });

  test("an instance whose price is not known is named, not left out", () => {
    const group = (type: string) => ({
      min_size: 2,
      mixed_instances_policy: { launch_template: { override: [{ instance_type: type }] } },
    });
    expect(costAtRest({ aws_autoscaling_group: { group: group("x99.huge") } })).toEqual({
      dollars: 0,
      unpriced: ["2 x99.huge that always run"],
    });
  });
});
