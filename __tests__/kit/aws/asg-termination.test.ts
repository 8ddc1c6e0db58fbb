import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { AsgTermination } from "../../../kit/aws/asg-termination";
import { STUB_CLIENT, StubHandler, type StubAnswer } from "../../support/stub-handler";

const INSTANCE = { groupName: "fleet", hookName: "drain", instanceId: "i-1" };
const xml = (body: string, status = 200): StubAnswer => ({ status, headers: { "content-type": "text/xml" }, body });
const failure = (code: string, message: string): StubAnswer =>
  xml(`<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`, 400);

function terminationWith(answer: StubAnswer, state?: string) {
  const stub = new StubHandler(() => answer);
  const client = new AutoScalingClient({ ...STUB_CLIENT, requestHandler: stub });
  const imds = { targetLifecycleState: () => Promise.resolve(state) };
  return {
    termination: new AsgTermination(imds, client, INSTANCE),
    sent: () => stub.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body))),
  };
}
const DONE = xml("<CompleteLifecycleActionResponse><CompleteLifecycleActionResult/></CompleteLifecycleActionResponse>");

test.each([
  ["Terminated", true],
  ["InService", false],
  ["Standby", false],
  [undefined, false],
])("S1.69: an instance that its group brings to %s is ended: %s", async (state, due) => {
  expect(await terminationWith(DONE, state).termination.isDue()).toBe(due);
});

test("S1.69: the hook is told, by this instance's id, that the end may go on", async () => {
  const { sent, termination } = terminationWith(DONE);
  expect(await termination.complete()).toBe(true);
  expect(sent()).toMatchObject([
    {
      Action: "CompleteLifecycleAction",
      AutoScalingGroupName: "fleet",
      LifecycleHookName: "drain",
      InstanceId: "i-1",
      LifecycleActionResult: "CONTINUE",
    },
  ]);
});

test("a group that waits for nothing says so: asked too soon, or too late", async () => {
  const early = terminationWith(failure("ValidationError", "No active Lifecycle Action found with instance ID i-1"));
  expect(await early.termination.complete()).toBe(false);
});

test.each([
  ["ValidationError", "AutoScalingGroup name not found - AutoScalingGroup fleet not found"],
  ["AccessDenied", "not authorized to perform: autoscaling:CompleteLifecycleAction"],
])("%s (%s) is thrown", async (code, message) => {
  await expect(terminationWith(failure(code, message)).termination.complete()).rejects.toThrow(message.slice(0, 20));
});
