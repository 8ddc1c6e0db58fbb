import type { TerraformStack } from "cdktf";
import fc from "fast-check";
import { Role } from "../../constructs/iam/role";
import { allow } from "../../constructs/iam/statement";
import { listUnrestrictedActions } from "../../constructs/iam/unrestricted-actions";
import { synthesizedFrom } from "../support/construct-stack";

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

test("resource `*` is refused, and any resource is given only for actions that are listed", () => {
  const unrestricted = [{ action: "autoscaling:DescribeAutoScalingGroups", reason: "x" }];
  const listed = { sid: "Wide", actions: ["autoscaling:DescribeAutoScalingGroups"], resources: "any" } as const;
  expect(allow(listed, unrestricted)).toMatchObject({ Action: listed.actions, Resource: ["*"] });
  expect(() => allow({ sid: "Wide", actions: ["sqs:SendMessage"], resources: [queue, "*"] }, unrestricted)).toThrow("resource '*'");
  expect(() => allow({ ...listed, actions: [...listed.actions, "sqs:SendMessage"] }, unrestricted)).toThrow("sqs:SendMessage on '*'");
  expect(() => allow(listed)).toThrow("autoscaling:DescribeAutoScalingGroups on '*', which the stack doesn't list");
});

test("empty lists are refused: they would be a statement that AWS refuses later", () => {
  expect(() => allow({ sid: "None", actions: [], resources: [queue] })).toThrow("no actions");
  expect(() => allow({ sid: "None", actions: ["sqs:SendMessage"], resources: [] })).toThrow("no resources");
});

const roleIn = (stack: TerraformStack, id = "Worker"): Role =>
  new Role(stack, id, { roleName: id, description: "x", trustedService: "ec2.amazonaws.com" });

test("two grants of one role may not have the same id", () => {
  const grant = { sid: "Send", actions: ["sqs:SendMessage"], resources: [queue] };
  expect(() =>
    synthesizedFrom((stack) => {
      const role = roleIn(stack);
      role.addStatement(grant);
      role.addStatement(grant);
    }),
  ).toThrow("given twice to s/Worker");
});

test("a role may be granted on any resource what the stack around it lists, and nothing else", () => {
  const grantIn = (listed: readonly string[]) => () =>
    synthesizedFrom((stack) => {
      listUnrestrictedActions(
        stack,
        listed.map((action) => ({ action, reason: "x" })),
      );
      roleIn(stack).addStatement({ sid: "Answer", actions: ["states:SendTaskSuccess"], resources: "any" });
    });
  expect(grantIn(["states:SendTaskSuccess"])).not.toThrow();
  expect(grantIn([])).toThrow("states:SendTaskSuccess on '*'");
  expect(grantIn(["states:SendTaskFailure"])).toThrow("states:SendTaskSuccess on '*'");
});
