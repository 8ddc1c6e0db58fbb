import { MARKDOWN, TEXT } from "../../../kit/plan-review/markups";
import { Plan } from "../../../kit/plan-review/plan";
import { policyFileSchema } from "../../../kit/plan-review/policy-file";
import { renderReview, type Markup } from "../../../kit/plan-review/render-text";
import { review } from "../../../kit/plan-review/review";

const planOf = (address: string, change: object): Plan =>
  new Plan({ format_version: "1.2", resource_changes: [{ address, mode: "managed", type: "aws_sqs_queue", name: "x", change }] });
const shown = (plan: Plan, markup: Markup): string =>
  renderReview(review(plan, policyFileSchema.parse({}), "2026-01-01"), markup, "batch-dev").join("\n");

test("what is sensitive is shown nowhere", () => {
  const plan = planOf("aws_sqs_queue.a", {
    actions: ["update"],
    before: { name: "a", policy: "old-secret", tags: { key: "old-secret", other: "1" } },
    after: { name: "a", policy: "new-secret", tags: { key: "new-secret", other: "2" } },
    before_sensitive: { policy: true, tags: { key: true } },
    after_sensitive: { policy: true, tags: { key: true } },
  });
  for (const markup of [TEXT, MARKDOWN]) {
    expect(shown(plan, markup)).not.toMatch(/old-secret|new-secret/);
    expect(shown(plan, markup)).toContain("sensitive");
    expect(shown(plan, markup)).toContain("tags.other");
  }
});

describe("findings that say the same", () => {
  const alarms = (...names: readonly string[]): Plan =>
    new Plan({
      format_version: "1.2",
      resource_changes: names.map((name) => ({
        address: `aws_cloudwatch_metric_alarm.${name}`,
        mode: "managed",
        type: "aws_cloudwatch_metric_alarm",
        name,
        change: { actions: ["delete"], before: { alarm_name: name }, after: null },
      })),
    });
  const told = (...names: readonly string[]): string[] =>
    shown(alarms(...names), TEXT)
      .split("\n")
      .filter((line) => line.includes("[alarm-removed]"));

  test.each([
    [1, /alarm\.a: nobody/],
    [2, /alarm\.a, \S+alarm\.b, each: nobody/],
    [4, /alarm\.a, .*alarm\.d, each: nobody/],
    // one more would be as long as its name
    [5, /alarm\.a, \S+alarm\.b, \S+alarm\.c and 2 more, each: nobody/],
  ])("%d of them are one line, with the first of them", (count, line) => {
    const lines = told(...["a", "b", "c", "d", "e"].slice(0, count));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  test("the count is of findings, not of lines", () => {
    expect(shown(alarms("a", "b", "c"), TEXT)).toContain("Blocked: 3 findings");
  });

  test("what another problem has stands apart", () => {
    const type = "aws_cloudwatch_metric_alarm";
    const of = (name: string, change: object): object => ({ address: `${type}.${name}`, mode: "managed", type, name, change });
    const plan = new Plan({
      format_version: "1.2",
      resource_changes: [
        of("a", { actions: ["delete"], before: {}, after: null }),
        of("b", { actions: ["update"], before: { actions_enabled: true }, after: { actions_enabled: false } }),
      ],
    });
    expect(shown(plan, TEXT).match(/\[alarm-removed\]/g)).toHaveLength(2);
  });
});

test.each(["`a`", "<b>x</b>", "a|b", "@everyone", "[x](http://a)", "\u001b[31mred", "a\nb", "***"])(
  "a name such as %j is text, and nothing else, in Markdown",
  (name) => {
    const text = shown(planOf(`aws_sqs_queue.x["${name}"]`, { actions: ["delete"], before: { name }, after: null }), MARKDOWN);
    expect(text).not.toMatch(/\u001b|^a$/m);
    // whatever stands outside of code
    const outside = text.replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
    for (const live of ["@everyone", "](http", "<b>"]) expect(outside).not.toContain(live);
  },
);

test("values that are known later are called so", () => {
  const plan = planOf("aws_sqs_queue.a", {
    actions: ["update"],
    before: { name: "a", arn: "x" },
    after: { name: "a" },
    after_unknown: { arn: true },
  });
  expect(shown(plan, TEXT)).toContain('arn: "x" becomes (known after apply)');
});
