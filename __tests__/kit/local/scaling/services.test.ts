import {
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeleteLifecycleHookCommand,
  DeletePolicyCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  DescribeLoadBalancersCommand,
  DescribeLoadBalancerTargetGroupsCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  DescribeScheduledActionsCommand,
  DescribeTagsCommand,
  DescribeWarmPoolCommand,
  DisableMetricsCollectionCommand,
  EnableMetricsCollectionCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  RecordLifecycleActionHeartbeatCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
  type AutoScalingGroup,
  type CreateAutoScalingGroupCommandInput,
} from "@aws-sdk/client-auto-scaling";
import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import { DescribeInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { ANSWERED_OPERATIONS } from "../../../../kit/local/scaling/answered-operations";
import { cloudWatchService } from "../../../../kit/local/scaling/cloudwatch-service";
import { ec2Service } from "../../../../kit/local/scaling/ec2-service";
import { answerCall } from "../../../../kit/local/services/service";
import { AnsweredSdk } from "./sdk-clients";

const GROUP = "fleet";
let sdk: AnsweredSdk;
beforeEach(() => {
  sdk = new AnsweredSdk();
  sdk.scaling.begin();
});
afterEach(() => {
  sdk.scaling.stop();
});

const create = (given: Partial<CreateAutoScalingGroupCommandInput> = {}) =>
  sdk.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: GROUP,
      MinSize: 0,
      MaxSize: 5,
      VPCZoneIdentifier: "subneta,subnetb",
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: "lt-1", Version: "3" },
          Overrides: [{ InstanceType: "c7g.large" }, { InstanceType: "c6g.large" }],
        },
        InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 0 },
      },
      ...given,
    }),
  );
async function group(): Promise<AutoScalingGroup> {
  const { AutoScalingGroups = [] } = await sdk.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] }));
  const [found] = AutoScalingGroups;
  if (found === undefined) throw new Error("there is no group");
  return found;
}
const setDesired = (DesiredCapacity: number) =>
  sdk.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity }));
const ids = async (): Promise<string[]> => ((await group()).Instances ?? []).map(({ InstanceId = "" }) => InstanceId);

describe("groups, as the SDK asks for them", () => {
  test("are told again as they were made, with what AWS says where nothing was said", async () => {
    await create({
      Tags: [{ Key: "Name", Value: "a & <b>", PropagateAtLaunch: true }],
      DefaultInstanceWarmup: 30,
      CapacityRebalance: true,
    });
    expect(await group()).toMatchObject({
      AutoScalingGroupName: GROUP,
      MinSize: 0,
      MaxSize: 5,
      DesiredCapacity: 0,
      DefaultCooldown: 300,
      DefaultInstanceWarmup: 30,
      CapacityRebalance: true,
      AvailabilityZones: ["us-east-1a", "us-east-1b"],
      VPCZoneIdentifier: "subneta,subnetb",
      NewInstancesProtectedFromScaleIn: false,
      TerminationPolicies: ["Default"],
      HealthCheckType: "EC2",
      Instances: [],
      SuspendedProcesses: [],
      EnabledMetrics: [],
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: "lt-1", Version: "3" },
          Overrides: [{ InstanceType: "c7g.large" }, { InstanceType: "c6g.large" }],
        },
        InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: "lowest-price" },
      },
      Tags: [{ ResourceId: GROUP, ResourceType: "auto-scaling-group", Key: "Name", Value: "a & <b>", PropagateAtLaunch: true }],
      CreatedTime: new Date("2026-11-29T10:00:00Z"),
    });
  });

  test("launch what is wanted: base on demand and spot above it, over all zones, with activities that say why", async () => {
    await create();
    await setDesired(3);
    const { Instances = [] } = await group();
    expect(Instances.map(({ AvailabilityZone }) => AvailabilityZone).sort()).toEqual(["us-east-1a", "us-east-1a", "us-east-1b"]);
    expect(Instances[0]).toMatchObject({
      LifecycleState: "InService",
      InstanceType: "c7g.large",
      LaunchTemplate: { LaunchTemplateId: "lt-1", Version: "3" },
    });
    const { Activities = [] } = await sdk.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: GROUP }));
    expect(Activities.map(({ StatusCode }) => StatusCode)).toEqual(["Successful", "Successful", "Successful"]);
    expect(Activities[0]?.Cause).toBe("at 2026-11-29T10:00:00.000Z somebody set it, which changed the desired capacity from 0 to 3");
    const { Reservations = [] } = await sdk.ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: "tag:aws:autoscaling:groupName", Values: [GROUP] },
          { Name: "instance-state-name", Values: ["running"] },
        ],
      }),
    );
    const described = Reservations.flatMap((each) => each.Instances ?? []);
    expect(described.map(({ InstanceLifecycle }) => InstanceLifecycle)).toEqual([undefined, "spot", "spot"]);
    expect(described.map(({ InstanceId }) => InstanceId)).toEqual(await ids());
    const { AutoScalingInstances = [] } = await sdk.autoScaling.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: (await ids()).slice(0, 1) }),
    );
    expect(AutoScalingInstances).toMatchObject([{ AutoScalingGroupName: GROUP, LifecycleState: "InService", HealthStatus: "HEALTHY" }]);
  });

  test("activities come in pages", async () => {
    await create();
    await setDesired(3);
    const first = await sdk.autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: GROUP, MaxRecords: 2 }));
    const second = await sdk.autoScaling.send(new DescribeScalingActivitiesCommand({ MaxRecords: 2, NextToken: first.NextToken }));
    expect([...(first.Activities ?? []), ...(second.Activities ?? [])].map(({ ActivityId }) => ActivityId)).toEqual(
      [3, 2, 1].map((number) => `${GROUP}:activity-${number}`),
    );
    expect(second.NextToken).toBeUndefined();
  });

  test("are changed by what is given, and keep the rest; newer bounds move the capacity", async () => {
    await create();
    await setDesired(4);
    await sdk.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: GROUP, MaxSize: 2, DefaultCooldown: 10 }));
    expect(await group()).toMatchObject({ MaxSize: 2, DesiredCapacity: 2, DefaultCooldown: 10, VPCZoneIdentifier: "subneta,subnetb" });
    expect(await ids()).toHaveLength(2);
  });

  test("processes are suspended and resumed, metrics switched on and off: those that are named, or all", async () => {
    await create();
    await sdk.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: GROUP, ScalingProcesses: ["Launch"] }));
    await setDesired(1);
    expect(await ids()).toEqual([]);
    expect((await group()).SuspendedProcesses).toEqual([{ ProcessName: "Launch", SuspensionReason: "User suspended" }]);
    await sdk.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: GROUP }));
    expect(await ids()).toHaveLength(1);
    await sdk.autoScaling.send(new EnableMetricsCollectionCommand({ AutoScalingGroupName: GROUP, Granularity: "1Minute" }));
    expect((await group()).EnabledMetrics).toHaveLength(8);
    await sdk.autoScaling.send(new DisableMetricsCollectionCommand({ AutoScalingGroupName: GROUP, Metrics: ["GroupMinSize"] }));
    expect((await group()).EnabledMetrics).toHaveLength(7);
  });

  test("what AWS refuses is refused by its names", async () => {
    await create({ MinSize: 1 });
    const [only = ""] = await ids();
    await expect(create()).rejects.toMatchObject({ name: "AlreadyExistsFault" });
    await expect(setDesired(6)).rejects.toMatchObject({ name: "ValidationError", message: expect.stringContaining("maximum 5") as string });
    await expect(
      sdk.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: only, ShouldDecrementDesiredCapacity: true })),
    ).rejects.toMatchObject({ name: "ValidationError", message: expect.stringMatching(/min(imum)? ?size/i) as string });
    await expect(
      sdk.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: "i-0", ShouldDecrementDesiredCapacity: true })),
    ).rejects.toMatchObject({ name: "ValidationError", message: expect.stringMatching(/not found/) as string });
    await expect(sdk.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: GROUP }))).rejects.toMatchObject({
      name: "ResourceInUseFault",
    });
    await expect(sdk.ec2.send(new DescribeInstancesCommand({ InstanceIds: ["i-0"] }))).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
    });
  });

  test("an instance that retires takes its place with it; one that is ended is replaced; a protected one stays", async () => {
    await create({ NewInstancesProtectedFromScaleIn: true });
    await setDesired(2);
    const [first = "", second = ""] = await ids();
    const { Activity } = await sdk.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: first, ShouldDecrementDesiredCapacity: true }),
    );
    expect(Activity).toMatchObject({ Description: `Terminating EC2 instance: ${first}` });
    expect(await ids()).toEqual([second]);
    await sdk.ec2.send(new TerminateInstancesCommand({ InstanceIds: [second] }));
    const [third = "", ...others] = await ids();
    expect([third === second, others]).toEqual([false, []]);
    await setDesired(0);
    expect(await ids()).toEqual([third]);
    await sdk.autoScaling.send(
      new SetInstanceProtectionCommand({ AutoScalingGroupName: GROUP, InstanceIds: [third], ProtectedFromScaleIn: false }),
    );
    expect(await ids()).toEqual([]);
    await sdk.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: GROUP }));
    expect((await sdk.autoScaling.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups).toEqual([]);
  });

  test("a group that is deleted by force takes what runs in it along", async () => {
    await create({ MinSize: 2 });
    await sdk.autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: GROUP, ForceDelete: true }));
    expect(sdk.scaling.instances).toEqual([]);
  });

  test("hooks hold an instance until somebody answers, or for as long as they may", async () => {
    await create({ MinSize: 0 });
    const hook = { AutoScalingGroupName: GROUP, LifecycleHookName: "drain" };
    await sdk.autoScaling.send(
      new PutLifecycleHookCommand({
        ...hook,
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout: 60,
        DefaultResult: "CONTINUE",
      }),
    );
    expect((await sdk.autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: GROUP }))).LifecycleHooks).toMatchObject([
      {
        LifecycleHookName: "drain",
        HeartbeatTimeout: 60,
        DefaultResult: "CONTINUE",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      },
    ]);
    await setDesired(2);
    const [first = "", second = ""] = await ids();
    await setDesired(0);
    expect((await group()).Instances?.map(({ LifecycleState }) => LifecycleState)).toEqual(["Terminating:Wait", "Terminating:Wait"]);
    await sdk.autoScaling.send(new CompleteLifecycleActionCommand({ ...hook, InstanceId: first, LifecycleActionResult: "CONTINUE" }));
    expect(await ids()).toEqual([second]);
    sdk.pass(59);
    await sdk.autoScaling.send(new RecordLifecycleActionHeartbeatCommand({ ...hook, InstanceId: second }));
    sdk.pass(59);
    expect(await ids()).toEqual([second]);
    sdk.pass(1);
    expect(await ids()).toEqual([]);
    await sdk.autoScaling.send(new DeleteLifecycleHookCommand(hook));
    expect((await sdk.autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: GROUP }))).LifecycleHooks).toEqual([]);
  });

  test("policies and actions by the clock are told again; an action is carried out when its time comes", async () => {
    await create();
    const { PolicyARN } = await sdk.autoScaling.send(
      new PutScalingPolicyCommand({
        AutoScalingGroupName: GROUP,
        PolicyName: "out",
        PolicyType: "StepScaling",
        AdjustmentType: "ChangeInCapacity",
        EstimatedInstanceWarmup: 30,
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 40, ScalingAdjustment: 1 },
          { MetricIntervalLowerBound: 40, ScalingAdjustment: 2 },
        ],
      }),
    );
    expect(
      (await sdk.autoScaling.send(new DescribePoliciesCommand({ AutoScalingGroupName: GROUP, PolicyNames: ["out"] }))).ScalingPolicies,
    ).toMatchObject([
      {
        PolicyARN,
        PolicyType: "StepScaling",
        EstimatedInstanceWarmup: 30,
        StepAdjustments: [{ MetricIntervalUpperBound: 40 }, { ScalingAdjustment: 2 }],
      },
    ]);
    await sdk.autoScaling.send(
      new PutScheduledUpdateGroupActionCommand({
        AutoScalingGroupName: GROUP,
        ScheduledActionName: "morning",
        StartTime: new Date("2026-11-29T10:05:00Z"),
        DesiredCapacity: 2,
      }),
    );
    expect(
      (await sdk.autoScaling.send(new DescribeScheduledActionsCommand({ AutoScalingGroupName: GROUP }))).ScheduledUpdateGroupActions,
    ).toMatchObject([{ ScheduledActionName: "morning", StartTime: new Date("2026-11-29T10:05:00Z"), DesiredCapacity: 2 }]);
    sdk.pass(299);
    expect(await ids()).toEqual([]);
    sdk.pass(1);
    expect(await ids()).toHaveLength(2);
    await sdk.autoScaling.send(new DeletePolicyCommand({ AutoScalingGroupName: GROUP, PolicyName: "out" }));
    expect((await sdk.autoScaling.send(new DescribePoliciesCommand({}))).ScalingPolicies).toEqual([]);
  });

  test("tags are put, found and deleted", async () => {
    await create();
    const tag = { ResourceId: GROUP, ResourceType: "auto-scaling-group", Key: "a", PropagateAtLaunch: false };
    await sdk.autoScaling.send(
      new CreateOrUpdateTagsCommand({
        Tags: [
          { ...tag, Value: "1" },
          { ...tag, Key: "b", Value: "2" },
        ],
      }),
    );
    await sdk.autoScaling.send(new DeleteTagsCommand({ Tags: [tag] }));
    const { Tags } = await sdk.autoScaling.send(new DescribeTagsCommand({ Filters: [{ Name: "auto-scaling-group", Values: [GROUP] }] }));
    expect(Tags).toEqual([{ ...tag, Key: "b", Value: "2" }]);
  });

  test("of what a group has none Terraform is told so", async () => {
    await create();
    const AutoScalingGroupName = GROUP;
    expect((await sdk.autoScaling.send(new DescribeWarmPoolCommand({ AutoScalingGroupName }))).Instances).toEqual([]);
    expect((await sdk.autoScaling.send(new DescribeLoadBalancersCommand({ AutoScalingGroupName }))).LoadBalancers).toEqual([]);
    expect(
      (await sdk.autoScaling.send(new DescribeLoadBalancerTargetGroupsCommand({ AutoScalingGroupName }))).LoadBalancerTargetGroups,
    ).toEqual([]);
    expect((await sdk.autoScaling.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName }))).InstanceRefreshes).toEqual([]);
  });
});

describe("alarms, as the SDK asks for them", () => {
  const QUEUE = {
    Namespace: "AWS/SQS",
    MetricName: "ApproximateNumberOfMessagesVisible",
    Dimensions: [{ Name: "QueueName", Value: "jobs" }],
  };
  const ALARM = {
    ...QUEUE,
    AlarmName: "deep",
    AlarmDescription: "Too deep & more",
    Statistic: "Maximum",
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    Threshold: 10,
    TreatMissingData: "notBreaching",
  } as const;

  test("are told again as they were made, with a state; tags are theirs", async () => {
    await sdk.cloudWatch.send(new PutMetricAlarmCommand({ ...ALARM, Tags: [{ Key: "a", Value: "b" }] }));
    const { MetricAlarms = [] } = await sdk.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ["deep"] }));
    expect(MetricAlarms).toMatchObject([{ ...ALARM, ActionsEnabled: true, StateValue: "INSUFFICIENT_DATA", AlarmActions: [] }]);
    const { Tags } = await sdk.cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN: MetricAlarms[0]?.AlarmArn }));
    expect(Tags).toEqual([{ Key: "a", Value: "b" }]);
    await sdk.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ["deep"] }));
    expect((await sdk.cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
  });

  test("change their state with the metric, and ask for a policy each minute that they last", async () => {
    await create();
    const { PolicyARN = "" } = await sdk.autoScaling.send(
      new PutScalingPolicyCommand({
        AutoScalingGroupName: GROUP,
        PolicyName: "out",
        AdjustmentType: "ChangeInCapacity",
        ScalingAdjustment: 1,
        Cooldown: 0,
      }),
    );
    await sdk.cloudWatch.send(new PutMetricAlarmCommand({ ...ALARM, AlarmActions: [PolicyARN] }));
    const start = Date.parse("2026-11-29T10:00:00Z");
    const values = sdk.alarms.store.watch({ namespace: "AWS/SQS", name: QUEUE.MetricName, dimensions: { QueueName: "jobs" } });
    values.add(start, 10);
    values.add(start + 60_000, 12);
    values.add(start + 120_000, 3);
    for (const minute of [1, 2, 3]) {
      for (const action of sdk.alarms.evaluate(start + minute * 60_000)) sdk.scaling.engine.execute(action, start + minute * 60_000);
      sdk.pass(60);
    }
    expect(await ids()).toHaveLength(2);
    expect((await sdk.cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue).toBe("OK");
    const { MetricDataResults } = await sdk.cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(start),
        EndTime: new Date(start + 180_000),
        ScanBy: "TimestampAscending",
        MetricDataQueries: [{ Id: "m", MetricStat: { Metric: QUEUE, Period: 60, Stat: "Maximum" } }],
      }),
    );
    expect(MetricDataResults).toMatchObject([
      { Id: "m", Values: [10, 12, 3], Timestamps: [0, 1, 2].map((minute) => new Date(start + minute * 60_000)) },
    ]);
  });

  test("come in forms, too, as Terraform sends them", async () => {
    const context = { scaling: sdk.scaling, accountId: "", place: "us-east-1:0", zonesOfSubnets: () => Promise.resolve([]) };
    const service = cloudWatchService(context, sdk.alarms);
    const call = (operation: string, form: Record<string, string>) =>
      answerCall(service, {
        service: "monitoring",
        operation,
        contentType: "application/x-www-form-urlencoded",
        body: new URLSearchParams({ Action: operation, ...form }).toString(),
      });
    await call("PutMetricAlarm", {
      AlarmName: "math",
      EvaluationPeriods: "2",
      ComparisonOperator: "LessThanThreshold",
      Threshold: "0.5",
      "Metrics.member.1.Id": "sum",
      "Metrics.member.1.Expression": "a + b",
      "Metrics.member.1.ReturnData": "true",
      "Metrics.member.2.Id": "a",
      "Metrics.member.2.ReturnData": "false",
      "Metrics.member.2.MetricStat.Metric.Namespace": "AWS/SQS",
      "Metrics.member.2.MetricStat.Metric.MetricName": "ApproximateNumberOfMessagesVisible",
      "Metrics.member.2.MetricStat.Metric.Dimensions.member.1.Name": "QueueName",
      "Metrics.member.2.MetricStat.Metric.Dimensions.member.1.Value": "jobs",
      "Metrics.member.2.MetricStat.Period": "60",
      "Metrics.member.2.MetricStat.Stat": "Maximum",
    });
    const answer = await call("DescribeAlarms", { "AlarmNames.member.1": "math" });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "text/xml" } });
    expect(answer.body).toContain(
      '<DescribeAlarmsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><DescribeAlarmsResult><CompositeAlarms/><MetricAlarms><member><AlarmName>math</AlarmName>',
    );
    expect(answer.body).toContain("<Threshold>0.5</Threshold>");
    expect(answer.body).toContain("<Dimensions><member><Name>QueueName</Name><Value>jobs</Value></member></Dimensions>");
  });

  test("on what nobody reports are kept, and never evaluated", async () => {
    await sdk.cloudWatch.send(
      new PutMetricAlarmCommand({ ...ALARM, Namespace: "AWS/Lambda", MetricName: "Errors", TreatMissingData: "notBreaching" }),
    );
    expect(sdk.alarms.evaluate(Date.parse("2026-11-29T10:01:00Z"))).toEqual([]);
    expect((await sdk.cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue).toBe("INSUFFICIENT_DATA");
  });
});

test("what the emulator hands over is what is answered here", () => {
  const context = { scaling: sdk.scaling, accountId: "", place: "", zonesOfSubnets: () => Promise.resolve([]) };
  expect(Object.keys(ec2Service(context).operations).sort()).toEqual([...ANSWERED_OPERATIONS.ec2].sort());
  expect(Object.keys(cloudWatchService(context, sdk.alarms).operations).sort()).toEqual([...ANSWERED_OPERATIONS.monitoring].sort());
});
