import { configurationOf, resourcesOf, statementsOf, synthesize } from "../../../support/synth";

test("a configured source bucket is readable by the plan, the workers and the Lambda route, through the endpoint too", () => {
  const withSource = synthesize(configurationOf("dev", { FILEMILL_SOURCE_BUCKETS: "somebody-s-texts" }));
  const readers = [...resourcesOf(withSource, "aws_iam_role_policy"), ...resourcesOf(withSource, "aws_vpc_endpoint")].filter(({ body }) =>
    statementsOf(body["policy"]).some(
      ({ Action, Resource }) => Action.includes("s3:GetObject") && Resource?.includes("arn:aws:s3:::somebody-s-texts/*"),
    ),
  );
  expect(readers.map(({ address }) => address.replace(/_[0-9A-F]{8}$/, "")).sort()).toEqual([
    "aws_iam_role_policy.Fleet_Template_Role_Policy",
    "aws_iam_role_policy.Functions_Plan_Role_Policy",
    "aws_iam_role_policy.Functions_ProcessChunk_Role_Policy",
    "aws_vpc_endpoint.Fleet_GatewayEndpoints_s3",
  ]);
});
