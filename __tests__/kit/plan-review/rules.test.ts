import { readFileSync } from "node:fs";
import path from "node:path";
import { Plan } from "../../../kit/plan-review/plan";
import { review, type Review } from "../../../kit/plan-review/review";
import { RULES } from "../../../kit/plan-review/rules";
import { PLAN_CASES, type PlanCase } from "./plans/cases";

/** A plan of the real provider (plans/main.mjs). */
const made = (name: string): object => JSON.parse(readFileSync(path.join(__dirname, "plans", "made", `${name}.json`), "utf8")) as object;
const reviewed = (plan: object, requiredTags: readonly string[] = []): Review =>
  review(new Plan(plan), { requiredTags: [...requiredTags], exceptions: [] }, "2026-01-01");

/** Rules about whole plans are shown by changes of real ones, below. */
const ABOUT_WHOLE_PLANS = ["unfinished-plan", "drift"];

test("every rule has a plan that it finds and one that it lets pass", () => {
  const shown = new Set([...PLAN_CASES.map(({ rule }) => rule), ...ABOUT_WHOLE_PLANS]);
  expect(RULES.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
});

describe.each(PLAN_CASES.map((each): [string, PlanCase] => [each.name, each]))("%s", (name, { address, rule }) => {
  const severity = RULES.find(({ id }) => id === rule)?.severity;

  test("the bad plan is found, at its resource, with what to do", () => {
    const { findings, isBlocked } = reviewed(made(`${name}.bad`));
    const found = findings.filter((finding) => finding.rule === rule);
    expect(found.map((finding) => finding.address)).toContain(address);
    for (const { fix, problem } of found) expect([problem.length > 10, fix.length > 3]).toEqual([true, true]);
    expect(severity === "warn" || isBlocked).toBe(true);
  });

  test("the good plan passes", () => {
    expect(reviewed(made(`${name}.good`)).findings.filter((finding) => finding.rule === rule)).toEqual([]);
  });
});

test("nothing blocks any of the good plans but what a case is not about", () => {
  const blocked = PLAN_CASES.flatMap(({ goodBlockedBy = [], name }) => {
    const { findings } = reviewed(made(`${name}.good`));
    return findings
      .filter(({ rule, severity }) => severity === "block" && !goodBlockedBy.includes(rule))
      .map(({ address, problem, rule }) => `${name}: ${rule} ${address ?? ""}: ${problem}`);
  });
  expect(blocked).toEqual([]);
});

test("an empty plan has no findings", () => {
  expect(reviewed({ format_version: "1.2" })).toMatchObject({ findings: [], isBlocked: false, changes: [] });
});

test("a plan that ended with an error is blocked, one that is incomplete is told of", () => {
  const whole = made("recovery-off.good");
  expect(reviewed({ ...whole, errored: true })).toMatchObject({
    isBlocked: true,
    findings: [{ rule: "unfinished-plan", severity: "block" }],
  });
  expect(reviewed({ ...whole, complete: false })).toMatchObject({
    isBlocked: false,
    findings: [{ rule: "unfinished-plan", severity: "warn" }],
  });
});

test("what was changed past Terraform is named with its attributes, what was deleted as such", () => {
  const plan = made("recovery-off.bad") as { resource_changes: { change: { before: object } }[] };
  const [change] = plan.resource_changes;
  const drifted = (after: object | null, actions: string[]): object => ({
    format_version: "1.2",
    resource_drift: [{ ...change, change: { ...change?.change, after, actions, after_unknown: {} } }],
  });
  expect(reviewed(drifted({ ...change?.change.before, billing_mode: "PROVISIONED" }, ["update"])).findings).toMatchObject([
    { rule: "drift", severity: "warn", problem: expect.stringMatching(/^it was changed past Terraform: billing_mode;/) as string },
  ]);
  expect(reviewed(drifted(null, ["delete"])).findings).toMatchObject([
    { rule: "drift", problem: expect.stringMatching(/^it was deleted past/) as string },
  ]);
});

test("tags that the policy requires are asked of every resource that can have tags, and of no other", () => {
  const { findings } = reviewed(made("block-gone.bad"), ["Owner"]);
  expect(findings.filter(({ rule }) => rule === "missing-tags")).toEqual([]);
  const found = reviewed(made("new-bucket-open.bad"), ["Owner"]).findings.filter(({ rule }) => rule === "missing-tags");
  expect(found).toMatchObject([{ address: "aws_s3_bucket.data", problem: "it has no tag Owner" }]);
});

// the emulator doesn't keep what an alarm says, so there is no real plan of a change
test.each<[string, object, object, string[]]>([
  ["its actions switched off", { actions_enabled: true }, { actions_enabled: false }, ["its actions are switched off"]],
  ["nobody to tell", { alarm_actions: ["arn:a"] }, { alarm_actions: [] }, ["alarm_actions is empty: it fires, and nobody is told"]],
  [
    "silence taken for well",
    { treat_missing_data: "breaching" },
    { treat_missing_data: "notBreaching" },
    ["missing data is 'notBreaching' instead of 'breaching': silence is no alarm any more"],
  ],
  ["another threshold", { threshold: 1, alarm_actions: ["arn:a"] }, { threshold: 2, alarm_actions: ["arn:b"] }, []],
])("an alarm with %s", (_, before, after, found) => {
  const change = { actions: ["update"], before, after, after_unknown: {} };
  const { findings } = reviewed({
    format_version: "1.2",
    resource_changes: [
      { address: "aws_cloudwatch_metric_alarm.a", mode: "managed", type: "aws_cloudwatch_metric_alarm", name: "a", change },
    ],
  });
  expect(findings.map(({ problem, rule }) => `${rule}: ${problem}`)).toEqual(found.map((problem) => `alarm-removed: ${problem}`));
});
