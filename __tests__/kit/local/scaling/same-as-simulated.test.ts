import { isForScaling } from "../../../../kit/alarms/metric-alarm";
import { text } from "../../../../kit/graph/arguments";
import type { EvaluatedResource } from "../../../../kit/graph/evaluated-stack";
import { stackFileSchema } from "../../../../kit/graph/stack-file";
import { definitionOf } from "../../../../kit/local/scaling/group-record";
import type { InstanceEvents, InstanceHost } from "../../../../kit/local/scaling/instance-host";
import { endMinute } from "../../../../kit/local/scaling/policy-minutes";
import type { Clients } from "../../../../kit/local/provision/clients";
import { RESOURCE_TYPES } from "../../../../kit/local/provision/resources";
import type { LoadResult } from "../../../../kit/simulator/load/load";
import { simulateLoad } from "../../../../kit/simulator/load/simulate-load";
import { evaluateInMemory } from "../../../../kit/simulator/stack/evaluate-stack";
import { StackModel } from "../../../../kit/simulator/stack/stack-model";
import { readRunStack } from "../../../../systems/batch/cli/simulate/run-stack";
import { configurationOf, everyEnvironment, synthesize, type SynthesizedStack } from "../../../support/synth";
import { ACCOUNT_ID, AnsweredSdk } from "./sdk-clients";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The simulator's load comes a millisecond into an hour that the group has stood. */
const LOAD_AT = 3_600 * SECOND + 1;

const modelOf = (stack: SynthesizedStack): StackModel => new StackModel(evaluateInMemory(stackFileSchema.parse(stack), "/nowhere"));

/** The groups of a stack, made by the calls of a local run, with the alarms that ask for their policies. */
async function madeLocally(model: StackModel, startsAt: number): Promise<AnsweredSdk> {
  const { resources } = model.stack;
  const zones = new Map(
    resources.filter(({ type }) => type === "aws_subnet").map(({ attributes: { availability_zone, id } }) => [id, availability_zone]),
  );
  const sdk = new AnsweredSdk(startsAt, (id) => text.parse(zones.get(id)));
  const known = [sdk.autoScaling, sdk.cloudWatch];
  const clients = {
    of: (service: new (settings: never) => unknown) => known.find((client) => client instanceof service),
  } as unknown as Clients;
  const context = { clients, region: "us-east-1", accountId: ACCOUNT_ID, directory: "/nowhere" };
  const arns = new Map<string, string>();
  const create = async ({ address, attributes, type }: EvaluatedResource): Promise<void> => {
    // alarms name policies as they are called here
    const given = JSON.parse(
      [...arns].reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(attributes)),
    ) as typeof attributes;
    const made = await RESOURCE_TYPES.get(type)?.create(given, context, address);
    if (type === "aws_autoscaling_policy") arns.set(text.parse(attributes["arn"]), text.parse(made?.["arn"]));
  };
  const scaled = new Set(model.alarms.filter(isForScaling).map(({ name }) => name));
  for (const type of ["aws_autoscaling_group", "aws_autoscaling_lifecycle_hook", "aws_autoscaling_policy", "aws_autoscaling_schedule"])
    for (const resource of resources.filter((each) => each.type === type)) await create(resource);
  for (const resource of resources.filter(({ type }) => type === "aws_cloudwatch_metric_alarm"))
    if (scaled.has(text.parse(resource.attributes["alarm_name"]))) await create(resource);
  return sdk;
}

test.each(everyEnvironment())("$name: a local run and the simulator have the same groups, policies and schedules", async ({ stack }) => {
  const model = modelOf(stack);
  const sdk = await madeLocally(model, 0);
  const local = sdk.scaling.groups.map((record) => ({
    definition: { ...definitionOf(record), suspended: sdk.scaling.group(record.name).suspended, metricNames: [...record.metrics] },
    policies: [...record.policies.values()].map(({ policy }) => policy),
    schedule: [...record.actions.values()].map(({ action }) => action),
  }));
  sdk.scaling.stop();
  expect(local.length).toBeGreaterThan(0);
  expect(local).toEqual(
    model.scaledGroups.map(({ definition, policies, schedule }) => ({ definition, policies: [...policies.values()], schedule })),
  );
});

interface Trace {
  readonly secondsToInService: number;
  readonly depth: LoadResult["depth"];
}

/** Lives through what the simulator saw of the queue, second by second. */
function liveLocally(sdk: AnsweredSdk, name: string, queueName: string, { depth, secondsToInService }: Trace): void {
  const { scaling } = sdk;
  const starting: { readonly id: string; readonly at: number }[] = [];
  let events: InstanceEvents | undefined;
  scaling.attach(name, (told): InstanceHost => {
    events = told;
    return {
      launch: ({ id, launchedAt }) => starting.push({ id, at: launchedAt === 0 ? 0 : launchedAt + secondsToInService * SECOND }),
      end: told.ended,
      cut: () => undefined,
    };
  });
  scaling.begin();
  const samples = new Map(depth.map((sample) => [Math.round((LOAD_AT + sample.atSeconds * SECOND) / MINUTE) * MINUTE, sample]));
  const last = Math.max(...samples.keys());
  for (let now = scaling.clock.now(); now <= last; sdk.pass(1), now = scaling.clock.now()) {
    while (starting[0] !== undefined && starting[0].at <= now) events?.running(starting.shift()?.id ?? "");
    const sample = samples.get(now);
    if (sample === undefined) continue;
    const attributes = {
      ApproximateNumberOfMessages: String(sample.visible),
      ApproximateNumberOfMessagesNotVisible: String(sample.inFlight),
    };
    // a queue that nothing came to yet sleeps
    endMinute(sdk, new Map(now < LOAD_AT ? [] : [[queueName, attributes]]), now);
    // a worker that has nothing to do, as all have when these alarms end one, lets its group go on at once
    for (const { group, instance } of scaling.instances)
      if (instance.held !== undefined) group.completeHook(instance.id, instance.held.hook.name, "CONTINUE", now);
    scaling.settle();
  }
  scaling.stop();
}

/** What is the same whoever names the instances. */
function told(
  activities: readonly { readonly description: string; readonly cause: string; readonly status: string; readonly startedAt: number }[],
): string[] {
  const names = new Map<string, string>();
  return activities.map(({ cause, description, startedAt, status }) =>
    `${Math.round(startedAt / SECOND)} ${description} (${status}): ${cause}`.replace(/\bi-[0-9a-f]+\b/g, (id) => {
      if (!names.has(id)) names.set(id, `instance ${names.size + 1}`);
      return names.get(id) ?? "";
    }),
  );
}

test.each(["simple", "step"])(
  "%s: both tell the same activities for the same trace of the queue (S1.77, S1.82, S1.84, S1.88)",
  async (scaling) => {
    const stack = synthesize(configurationOf("coursework", { FILEMILL_SCALING: scaling }));
    const { alarms, group, queueName } = readRunStack(stackFileSchema.parse(stack));
    const secondsToInService = 10;
    const { activities, depth } = simulateLoad({
      group,
      alarms,
      queueName,
      arrivals: { files: 120, bytesOf: () => 979_167 },
      typeOf: () => ({ slots: 1, secondsPerFile: () => 12 }),
      secondsToInService,
      secondsToWork: 25,
      receivesAhead: 0,
      visibilitySeconds: 120,
    });
    const sdk = await madeLocally(modelOf(stack), 0);
    liveLocally(sdk, group.definition.name, queueName, { secondsToInService, depth });
    const simulated = told(activities.map((each) => ({ ...each, startedAt: LOAD_AT + each.atSeconds * SECOND })));
    expect(told(sdk.scaling.group(group.definition.name).activities)).toEqual(simulated);
    // out to several, and back to the minimum
    expect(simulated.filter((line) => line.includes("Launching")).length).toBeGreaterThan(3);
    expect(simulated.filter((line) => line.includes("Terminating")).length).toBeGreaterThan(2);
  },
);
