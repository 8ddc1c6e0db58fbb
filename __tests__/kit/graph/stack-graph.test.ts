import { ProvisioningError } from "../../../kit/graph/errors";
import { buildGraph } from "../../../kit/graph/stack-graph";
import type { StackFile } from "../../../kit/graph/stack-file";
import { UnknownDataSourceError, UnknownResourceTypeError } from "../../../kit/local/errors";
import { typesOf } from "../../../kit/local/provision/provision";

const stack = (parts: Partial<StackFile>): StackFile => ({ resource: {}, data: {}, locals: {}, output: {}, ...parts });
const graphOf = (parts: Partial<StackFile>) => () => typesOf(buildGraph(stack(parts)));
const queue = (body: StackFile["resource"][string][string]) => ({ aws_sqs_queue: { jobs: body } });

describe("reading a stack", () => {
  test("dependencies come from references, locals and depends_on; Terraform's own arguments stay out", () => {
    const graph = buildGraph(
      stack({
        resource: {
          aws_sqs_queue: {
            dead: { name: "dead" },
            jobs: {
              "//": { metadata: "${not.parsed" },
              lifecycle: { ignore_changes: ["x"] },
              name: "${local.name}",
              redrive_policy: "${aws_sqs_queue.dead.arn}",
            },
          },
          aws_s3_bucket: { b: { bucket: "b", depends_on: ["aws_sqs_queue.jobs", "data.aws_region.here"] } },
        },
        data: { aws_region: { here: {} } },
        locals: { name: "${data.aws_region.here.region}-jobs" },
      }),
    );
    expect(Object.fromEntries([...graph.nodes].map(([address, node]) => [address, node.after]))).toEqual({
      "local.name": ["data.aws_region.here"],
      "aws_sqs_queue.dead": [],
      "aws_sqs_queue.jobs": ["local.name", "aws_sqs_queue.dead"],
      "aws_s3_bucket.b": ["aws_sqs_queue.jobs", "data.aws_region.here"],
      "data.aws_region.here": [],
    });
    expect(graph.nodes.get("aws_sqs_queue.jobs")?.given).toEqual({ name: "${local.name}", redrive_policy: "${aws_sqs_queue.dead.arn}" });
  });

  test.each<[string, Partial<StackFile>, RegExp, new (...parameters: never[]) => Error]>([
    [
      "an unknown resource type",
      { resource: { aws_emr_cluster: { x: {} } } },
      /^aws_emr_cluster\.x: .*aws_emr_cluster/,
      UnknownResourceTypeError,
    ],
    [
      "an unknown data source",
      { data: { aws_eks_cluster: { x: {} } } },
      /^data\.aws_eks_cluster\.x: .*aws_eks_cluster/,
      UnknownDataSourceError,
    ],
    [
      "a reference to nothing",
      { resource: queue({ name: "${aws_sqs_queue.gone.name}" }) },
      /^aws_sqs_queue\.jobs: aws_sqs_queue\.gone /,
      ProvisioningError,
    ],
    [
      "a dependency on nothing",
      { resource: queue({ name: "x", depends_on: ["aws_s3_bucket.gone"] }) },
      /aws_s3_bucket\.gone/,
      ProvisioningError,
    ],
    ["an output of nothing", { output: { url: { value: "${aws_sqs_queue.gone.url}" } } }, /^output\.url: /, ProvisioningError],
    ["count", { resource: queue({ name: "x", count: 2 }) }, /^aws_sqs_queue\.jobs: .*count/, ProvisioningError],
    ["for_each", { resource: queue({ name: "x", for_each: {} }) }, /for_each/, ProvisioningError],
    [
      "a circle",
      { locals: { a: "${local.b}", b: "${local.a}" } },
      /depends on itself: local\.a -> local\.b -> local\.a/,
      ProvisioningError,
    ],
  ])("%s stops with its address, before any call (invariant 10)", (_what, parts, message, kind) => {
    expect(graphOf(parts)).toThrow(kind);
    expect(graphOf(parts)).toThrow(message);
  });
});
