import { summaryOf } from "../../stacks/summary";

const three = { a: {}, b: {}, c: {} };
const STACK = { name: "batch-dev", environment: "dev", file: "cdktf.out/stacks/batch-dev/cdk.tf.json" };

test("says what was made: the stack, its file, resources by kind with the most frequent first, and the next step", () => {
  const resources = { aws_vpc: { a: {} }, aws_s3_bucket: three, aws_s3_bucket_policy: three, aws_sqs_queue: { a: {}, b: {} } };
  expect(summaryOf({ ...STACK, resources })).toBe(
    [
      "batch-dev: 9 resources in cdktf.out/stacks/batch-dev/cdk.tf.json",
      "  6 s3*, 2 sqs_queue, 1 vpc",
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
