import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { policiesOf, servicesOf, UnknownReferenceError } from "../../../scripts/policy/iam-policies";
import { writeServiceReference } from "../../../scripts/policy/service-reference";

const policy = (resource: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Sid: "S", Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [resource] }] });
const queue = { name: "jobs", redrive_policy: JSON.stringify({ maxReceiveCount: 5 }) };

test("policies of roles, their trust and of resources are found with the names that AWS would see", () => {
  const found = policiesOf({
    resource: {
      aws_sqs_queue: { Jobs: queue },
      aws_sqs_queue_policy: { Open: { queue_url: "u", policy: policy("${aws_sqs_queue.Jobs.arn}") } },
      aws_iam_role: {
        Worker: { name: "w", assume_role_policy: policy("arn:aws:sqs:us-east-1:${data.aws_caller_identity.account.account_id}:x") },
      },
      aws_iam_role_policy: { Grants: { role: "${aws_iam_role.Worker.name}", policy: policy("${aws_s3_bucket.Data.arn}/a/*") } },
      aws_s3_bucket: { Data: { bucket: "data" } },
    },
  });
  expect(found.map(({ address, document, kind }) => [address, kind, JSON.stringify(document).match(/"(arn:[^"]*)"/)?.[1]])).toEqual([
    ["aws_sqs_queue_policy.Open", "RESOURCE_POLICY", "arn:aws:sqs:us-east-1:123456789012:jobs"],
    ["aws_iam_role.Worker", "TRUST_POLICY", "arn:aws:sqs:us-east-1:123456789012:x"],
    ["aws_iam_role_policy.Grants", "IDENTITY_POLICY", "arn:aws:s3:::data/a/*"],
  ]);
  expect(servicesOf(found)).toEqual(["sqs"]);
});

test("a reference that has no name here is an error, not an unread policy", () => {
  const resource = { aws_iam_role_policy: { Grants: { policy: policy("${aws_kinesis_stream.Data.arn}") } } };
  expect(() => policiesOf({ resource })).toThrow(UnknownReferenceError);
});

describe("what AWS says of a service", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-reference-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("actions have their resources and levels, in the form of AWS's service reference", async () => {
    await writeServiceReference(folder, ["sqs"]);
    expect(JSON.parse(await readFile(path.join(folder, "_services.json"), "utf8"))).toEqual([{ service: "sqs", url: "sqs.json" }]);
    const sqs = JSON.parse(await readFile(path.join(folder, "sqs.json"), "utf8")) as { Actions: { Name: string }[]; Resources: object[] };
    expect(sqs.Actions.find(({ Name }) => Name === "SendMessage")).toMatchObject({
      Resources: [{ Name: "queue" }],
      Annotations: { Properties: { IsWrite: true, IsPermissionManagement: false } },
    });
    expect(sqs.Actions.find(({ Name }) => Name === "AddPermission")).toMatchObject({
      Annotations: { Properties: { IsPermissionManagement: true } },
    });
    expect(sqs.Resources).toMatchObject([{ Name: "queue", ARNFormats: [expect.stringMatching(/^arn:.*:sqs:/)] }]);
  });
});
