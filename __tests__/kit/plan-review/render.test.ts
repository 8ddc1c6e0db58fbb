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
