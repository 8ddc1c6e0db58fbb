import { z } from "zod";
import { configuration as mediaConfiguration } from "../../systems/media/config/configuration";
import { everyMediaEnvironment, synthesizeMedia } from "../support/media-synth";
import { allResources, configurationOf, everyEnvironment, statementsOf, synthesize, type SynthesizedStack } from "../support/synth";

type Resources = Pick<SynthesizedStack, "resource">;
const of = (stack: Resources, type: string) => allResources(stack).filter((each) => each.type === type);
const environments = [
  ...everyEnvironment().map(({ name, config, stack }) => ({ name: `batch-${name}`, config, stack: stack })),
  ...everyMediaEnvironment().map(({ name, config, stack }) => ({ name: `media-${name}`, config, stack })),
];
const full = environments.filter(({ config }) => config.observability.level === "full");

test("all environments but the coursework have routes", () => {
  expect(environments.filter((each) => !full.includes(each)).map(({ name }) => name)).toEqual(["batch-coursework"]);
});

describe.each(full)("$name", ({ stack }) => {
  const topics = new Map(of(stack, "aws_sns_topic").map(({ address, body }) => [`\${${address}.arn}`, String(body["name"])]));
  const alarms = of(stack, "aws_cloudwatch_metric_alarm");

  test("S4.45, S4.48: every alarm has a priority, and tells the topic of that priority when it goes off and when it is over", () => {
    expect([...topics.values()].map((name) => name.replace(/^.*-alerts-/, "")).sort()).toEqual(["critical", "warning"]);
    expect(alarms.length).toBeGreaterThan(5);
    for (const { body } of alarms) {
      const { Severity } = z.object({ Severity: z.enum(["critical", "warning"]) }).parse(body["tags"]);
      const told = z.array(z.string()).length(1).parse(body["alarm_actions"]);
      expect(body["ok_actions"]).toEqual(told);
      expect(topics.get(told[0] ?? "")).toMatch(new RegExp(`-alerts-${Severity}$`));
    }
    expect(new Set(alarms.map(({ body }) => JSON.stringify(body["alarm_actions"]))).size).toBe(2);
  });

  test("every topic is encrypted with a key that alarms and budgets of this account may use, and nobody else of AWS", () => {
    const [key] = of(stack, "aws_kms_key");
    for (const { body } of of(stack, "aws_sns_topic")) expect(body["kms_master_key_id"]).toBe(`\${${key?.address ?? ""}.arn}`);
    const used = [key, ...of(stack, "aws_sns_topic_policy")].flatMap((each) =>
      statementsOf(each?.body["policy"]).filter(({ Effect, Sid }) => Effect === "Allow" && Sid !== "AllowAccountToKeepIt"),
    );
    expect(used).toHaveLength(2 * (1 + topics.size));
    for (const { Condition, Principal } of used) {
      expect(["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]).toContain(z.object({ Service: z.string() }).parse(Principal).Service);
      expect(Condition).toMatchObject({
        StringEquals: { "aws:SourceAccount": "${data.aws_caller_identity.account.account_id}" },
        ArnEquals: { "aws:SourceArn": expect.stringMatching(/^arn:aws:(cloudwatch|budgets):/) as string },
      });
    }
  });

  test("every topic refuses what doesn't come over TLS", () => {
    expect(of(stack, "aws_sns_topic_policy")).toHaveLength(2);
    for (const { body } of of(stack, "aws_sns_topic_policy")) {
      expect(statementsOf(body["policy"])).toContainEqual(
        expect.objectContaining({ Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
      );
    }
  });
});

test("S4.48: who is configured is told, by mail or at an https address, each on its route", () => {
  const variables = {
    FILEMILL_CRITICAL_ALERTS: "https://pager.example.com/a,night@example.com",
    FILEMILL_WARNING_ALERTS: "team@example.com",
  };
  const stacks = [
    synthesize(configurationOf("prod", variables)),
    synthesizeMedia(mediaConfiguration.load({ ...variables, FILEMILL_ENVIRONMENT: "prod" })),
  ];
  for (const stack of stacks) {
    const topicOf = (name: string) => of(stack, "aws_sns_topic").find(({ body }) => String(body["name"]).endsWith(name))?.address ?? "";
    expect(of(stack, "aws_sns_topic_subscription").map(({ body }) => [body["topic_arn"], body["protocol"], body["endpoint"]])).toEqual([
      [`\${${topicOf("critical")}.arn}`, "https", "https://pager.example.com/a"],
      [`\${${topicOf("critical")}.arn}`, "email", "night@example.com"],
      [`\${${topicOf("warning")}.arn}`, "email", "team@example.com"],
    ]);
  }
});

test("S4.33: work that is delayed is an alarm: what waits too long, what stands still, what fails", () => {
  const names = full.flatMap(({ stack }) => of(stack, "aws_cloudwatch_metric_alarm").map(({ body }) => String(body["alarm_name"])));
  for (const name of ["wordfreq-jobs-oldest", "wordfreq-chunks-oldest", "wordfreq-progress-stalled", "media-events-failed"]) {
    expect(names).toContain(name);
  }
});
