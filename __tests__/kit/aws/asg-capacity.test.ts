import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { AsgCapacity, AsgHosts, AsgRetirement } from "../../../kit/aws/asg-capacity";
import { STUB_CLIENT, StubHandler, type StubAnswer } from "../../support/stub-handler";

function clientWith(answer: () => StubAnswer) {
  const stub = new StubHandler(answer);
  return {
    client: new AutoScalingClient({ ...STUB_CLIENT, requestHandler: stub }),
    sent: () => stub.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body))),
  };
}
const xml = (body: string, status = 200): StubAnswer => ({ status, headers: { "content-type": "text/xml" }, body });
const failure = (code: string, message: string): StubAnswer =>
  xml(`<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`, 400);
const groups = (members: string): StubAnswer =>
  xml(
    `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>${members}</AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`,
  );

describe("AsgCapacity", () => {
  test("reads desired and maximum", async () => {
    const { client } = clientWith(() =>
      groups(
        "<member><AutoScalingGroupName>fleet</AutoScalingGroupName><DesiredCapacity>0</DesiredCapacity><MaxSize>16</MaxSize></member>",
      ),
    );
    expect(await new AsgCapacity(client, "fleet").read()).toEqual({ desired: 0, maximum: 16 });
  });

  test("a group that is not there is an error with its name", async () => {
    const { client } = clientWith(() => groups(""));
    await expect(new AsgCapacity(client, "fleet").read()).rejects.toThrow(/no Auto Scaling group fleet/);
  });

  test("a raise does not wait for a cooldown", async () => {
    const { client, sent } = clientWith(() => xml("<SetDesiredCapacityResponse/>"));
    await new AsgCapacity(client, "fleet").setDesired(3);
    expect(sent()[0]).toMatchObject({
      Action: "SetDesiredCapacity",
      AutoScalingGroupName: "fleet",
      DesiredCapacity: "3",
      HonorCooldown: "false",
    });
  });
});

describe("AsgRetirement", () => {
  test("ends this instance and lowers the desired capacity with it", async () => {
    const { client, sent } = clientWith(() =>
      xml(
        "<TerminateInstanceInAutoScalingGroupResponse><TerminateInstanceInAutoScalingGroupResult/></TerminateInstanceInAutoScalingGroupResponse>",
      ),
    );
    expect(await new AsgRetirement(client, "i-1").retire()).toBe(true);
    expect(sent()[0]).toMatchObject({
      Action: "TerminateInstanceInAutoScalingGroup",
      InstanceId: "i-1",
      ShouldDecrementDesiredCapacity: "true",
    });
  });

  test.each([
    [
      "ValidationError",
      "Currently, desiredSize equals minSize (1). Terminating instance without replacement will violate group's min size constraint.",
    ],
    ["ScalingActivityInProgress", "Scaling activity is in progress"],
  ])("%s (%s) means stay", async (code, message) => {
    const { client } = clientWith(() => failure(code, message));
    expect(await new AsgRetirement(client, "i-1").retire()).toBe(false);
  });

  test.each([
    ["ValidationError", "Instance Id not found - No managed instance found for instance ID i-1"],
    ["AccessDenied", "not authorized to perform: autoscaling:TerminateInstanceInAutoScalingGroup"],
  ])("%s (%s) is thrown", async (code, message) => {
    const { client } = clientWith(() => failure(code, message));
    await expect(new AsgRetirement(client, "i-1").retire()).rejects.toThrow(message.slice(0, 20));
  });
});

const TERMINATED = xml(
  "<TerminateInstanceInAutoScalingGroupResponse><TerminateInstanceInAutoScalingGroupResult/></TerminateInstanceInAutoScalingGroupResponse>",
);

test("AsgRetirement: to be replaced leaves the desired capacity as it is (invariant 6)", async () => {
  const { client, sent } = clientWith(() => TERMINATED);
  expect(await new AsgRetirement(client, "i-1").replace()).toBe(true);
  expect(sent()[0]).toMatchObject({
    Action: "TerminateInstanceInAutoScalingGroup",
    InstanceId: "i-1",
    ShouldDecrementDesiredCapacity: "false",
  });
  const refusing = clientWith(() => failure("ScalingActivityInProgress", "Scaling activity is in progress"));
  expect(await new AsgRetirement(refusing.client, "i-1").replace()).toBe(false);
});

describe("AsgHosts", () => {
  const instance = (id: string, state: string): string =>
    `<member><InstanceId>${id}</InstanceId><LifecycleState>${state}</LifecycleState></member>`;

  test("are the instances that the group counts on, not those that come or go", async () => {
    const instances = [
      instance("i-1", "Pending"),
      instance("i-2", "InService"),
      instance("i-3", "Terminating"),
      instance("i-4", "InService"),
    ];
    const { client, sent } = clientWith(() => groups(`<member><Instances>${instances.join("")}</Instances></member>`));
    expect(await new AsgHosts(client, "fleet").inService()).toEqual(["i-2", "i-4"]);
    expect(sent()[0]).toMatchObject({ Action: "DescribeAutoScalingGroups", "AutoScalingGroupNames.member.1": "fleet" });
  });

  test("a group without instances has none, and none that is not there", async () => {
    expect(await new AsgHosts(clientWith(() => groups("<member/>")).client, "fleet").inService()).toEqual([]);
    await expect(new AsgHosts(clientWith(() => groups("")).client, "fleet").inService()).rejects.toThrow(/no Auto Scaling group fleet/);
  });

  test("one that is replaced leaves the desired capacity as it is", async () => {
    const { client, sent } = clientWith(() => TERMINATED);
    await new AsgHosts(client, "fleet").replace("i-9");
    expect(sent()[0]).toMatchObject({ InstanceId: "i-9", ShouldDecrementDesiredCapacity: "false" });
  });

  test("one that is gone already is left at that; any other failure is told", async () => {
    const gone = clientWith(() => failure("ValidationError", "Instance Id not found - No managed instance found for instance ID i-1"));
    await expect(new AsgHosts(gone.client, "fleet").replace("i-1")).resolves.toBeUndefined();
    const denied = clientWith(() => failure("AccessDenied", "not authorized"));
    await expect(new AsgHosts(denied.client, "fleet").replace("i-1")).rejects.toThrow("not authorized");
  });
});
