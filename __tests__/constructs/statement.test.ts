import { App, Testing, TerraformStack } from "cdktf";
import fc from "fast-check";
import { Role } from "../../constructs/iam/role";
import { allow, UNRESTRICTED_ACTIONS } from "../../constructs/iam/statement";

const queue = "arn:aws:sqs:us-east-1:123456789012:q";

test("a grant becomes a statement that allows", () => {
  expect(allow({ sid: "Send", actions: ["sqs:SendMessage"], resources: [queue] })).toEqual({
    Sid: "Send",
    Effect: "Allow",
    Action: ["sqs:SendMessage"],
    Resource: [queue],
  });
});

test.each(["*", "sqs:*", "sqs:Send*", "SendMessage", ""])("action '%s' is refused: it is not one complete action", (action) => {
  expect(() => allow({ sid: "Wide", actions: ["sqs:SendMessage", action], resources: [queue] })).toThrow(
    `grant 'Wide': action '${action}' is not one complete action`,
  );
});

test("whatever else is in it, an action with a wildcard is refused", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(() => allow({ sid: "Wide", actions: [`${before}*${after}`], resources: [queue] })).toThrow("not one complete action");
    }),
  );
});

test("resource `*` is refused without a reason, and with one for another action", () => {
  expect(() => allow({ sid: "Wide", actions: ["sqs:SendMessage"], resources: [queue, "*"] })).toThrow("resource '*' without a reason");
  expect(() => allow({ sid: "Wide", actions: ["sqs:SendMessage"], resources: UNRESTRICTED_ACTIONS.describeAutoScalingGroups })).toThrow(
    "sqs:SendMessage on '*'",
  );
});

test("empty lists are refused: they would be a statement that AWS refuses later", () => {
  expect(() => allow({ sid: "None", actions: [], resources: [queue] })).toThrow("no actions");
  expect(() => allow({ sid: "None", actions: ["sqs:SendMessage"], resources: [] })).toThrow("no resources");
});

test("two grants of one role may not have the same id", () => {
  const role = new Role(new TerraformStack(Testing.stubVersion(new App({ stackTraces: false })), "s"), "Worker", {
    roleName: "worker",
    description: "x",
    trustedService: "ec2.amazonaws.com",
  });
  const grant = { sid: "Send", actions: ["sqs:SendMessage"], resources: [queue] };
  role.addStatement(grant);
  expect(() => {
    role.addStatement(grant);
  }).toThrow("given twice to s/Worker");
});
