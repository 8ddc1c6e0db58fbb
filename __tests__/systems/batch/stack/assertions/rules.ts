import { expect } from "expect";
import { resourceAt, resourcesOf } from "../../../../support/synth";
import { assertions } from "./assertions";

/** What EventBridge calls, by events and by schedule. */
export const rulesAssertions = assertions("rules", ({ stack }, test) => {
  const patternOf = (rulePath: string): unknown =>
    JSON.parse(String(resourceAt(stack, "aws_cloudwatch_event_rule", rulePath).body["event_pattern"]));

  test("functions that are called by schedule alone are neither called again nor late: the next run does it", () => {
    expect(
      resourcesOf(stack, "aws_lambda_function_event_invoke_config").map(({ body }) => ({
        of: body["function_name"],
        retries: body["maximum_retry_attempts"],
        age: body["maximum_event_age_in_seconds"],
      })),
    ).toEqual(
      ["Functions/Orchestrate", "Repairs/Reconcile"].map((path) => ({
        of: `\${${resourceAt(stack, "aws_lambda_function", path).address}.function_name}`,
        retries: 0,
        age: 60,
      })),
    );
  });

  test("an execution that ended badly calls the finish Lambda (invariant 2)", () => {
    expect(patternOf("Workflow/ExecutionEnded")).toEqual({
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
      detail: {
        status: ["FAILED", "TIMED_OUT", "ABORTED"],
        stateMachineArn: [`\${${resourceAt(stack, "aws_sfn_state_machine", "Workflow/Machine").address}.arn}`],
      },
    });
  });

  test("EC2's word that it takes a spot instance back calls the spot-notices Lambda (invariant 7)", () => {
    expect(patternOf("Repairs/Interruption")).toEqual({
      source: ["aws.ec2"],
      "detail-type": ["EC2 Spot Instance Interruption Warning"],
    });
  });

  test("generations are swept and lost work is repaired each 5 minutes", () => {
    for (const what of ["Workflow/Sweep", "Repairs/Periodic"])
      expect(resourceAt(stack, "aws_cloudwatch_event_rule", what).body["schedule_expression"]).toBe("rate(5 minutes)");
  });

  test("a scheduled run ends before the next begins", () => {
    for (const functionPath of ["Workflow/Finish", "Repairs/Reconcile"])
      expect(resourceAt(stack, "aws_lambda_function", functionPath).body["timeout"]).toBeLessThanOrEqual(5 * 60);
    expect(resourceAt(stack, "aws_lambda_function", "Functions/Orchestrate").body["timeout"]).toBeLessThanOrEqual(60);
  });

  for (const [rulePath, functionPath] of [
    ["Workflow/ExecutionEnded", "Workflow/Finish"],
    ["Workflow/Sweep", "Workflow/Finish"],
    ["Repairs/Periodic", "Repairs/Reconcile"],
    ["Repairs/Interruption", "Repairs/SpotNotices"],
  ] as const)
    test(`rule ${rulePath} calls ${functionPath}, and may`, () => {
      const rule = resourceAt(stack, "aws_cloudwatch_event_rule", rulePath);
      const called = resourceAt(stack, "aws_lambda_function", functionPath);
      expect(resourceAt(stack, "aws_cloudwatch_event_target", `${rulePath}/Target`).body).toMatchObject({
        rule: `\${${rule.address}.name}`,
        arn: `\${${called.address}.arn}`,
      });
      const allowed = `${functionPath}/Allow${rulePath.split("/").at(-1) ?? ""}`;
      expect(resourceAt(stack, "aws_lambda_permission", allowed).body).toMatchObject({
        principal: "events.amazonaws.com",
        function_name: `\${${called.address}.function_name}`,
        source_arn: `\${${rule.address}.arn}`,
      });
    });
});
