import { readFileSync } from "node:fs";
import path from "node:path";
import { MARKDOWN, TEXT } from "../../../kit/plan-review/markups";
import { Plan } from "../../../kit/plan-review/plan";
import { renderReview } from "../../../kit/plan-review/render-text";
import { review, type Review } from "../../../kit/plan-review/review";
import { PLAN_FEATURES, SECRETS } from "./plans/features";

/** A plan of the real provider (plans/main.mjs). */
const textOf = (name: string): string => readFileSync(path.join(__dirname, "plans", "made", `${name}.json`), "utf8");
const reviewed = (name: string): Review => review(new Plan(JSON.parse(textOf(name))), { requiredTags: [], exceptions: [] }, "2026-01-01");
const told = ({ findings }: Review): string[] =>
  findings.map(({ address = "", problem, rule, severity }) => `${severity} ${rule} ${address}: ${problem}`);

/** What is said of each plan; nothing of what was only moved. */
const FINDINGS: Readonly<Record<string, readonly string[]>> = {
  moved: [],
  "renamed-without-moved": ["0", "1"].map(
    (key) => `block store-destroyed aws_sqs_queue.each[${key}]: it is destroyed: every message in it would be lost`,
  ),
  // what is imported is compared with what it is, not with nothing
  imported: [
    "block point-in-time-recovery-lost aws_dynamodb_table.ledger: without point-in-time recovery its backups so far are gone at once",
    "block wider-permissions aws_iam_role_policy.worker: 'worker' may now also do s3:putobject on arn:aws:s3:::data/*",
  ],
  "refresh-only": [
    "warn drift aws_dynamodb_table.ledger: it was changed past Terraform: point_in_time_recovery; this plan takes note of it, and changes nothing",
    "warn drift aws_iam_role_policy.worker: it was changed past Terraform: policy; this plan takes note of it, and changes nothing",
    "warn drift aws_sqs_queue.jobs: it was deleted past Terraform; this plan takes note of it, and changes nothing",
  ],
  drifted: [
    "warn drift aws_dynamodb_table.ledger: it was changed past Terraform: point_in_time_recovery; this plan sets it back",
    "warn drift aws_iam_role_policy.worker: it was changed past Terraform: policy; this plan sets it back",
  ],
  sensitive: [
    "block kept-shorter aws_sqs_queue.jobs: message_retention_seconds goes from (sensitive) to (sensitive) s: what is older is deleted",
    "block wider-permissions aws_iam_role_policy.worker: 'worker' may now also do (sensitive) on (sensitive)",
  ],
  unknown: [
    "warn kept-shorter aws_sqs_queue.jobs: how long it keeps what it holds (message_retention_seconds, 345600 so far) is known after apply only",
    "block point-in-time-recovery-lost aws_dynamodb_table.ledger: whether it stays so is known after apply only: without point-in-time recovery its backups so far are gone at once",
    "warn open-ingress aws_security_group.web: whom it lets in is known after apply only",
    "block unreadable-policy aws_iam_role_policy.worker: its policy is known after apply only",
  ],
};

test.each(PLAN_FEATURES.map(({ name }) => name))("of the plan '%s' is said what it does, and nothing else", (name) => {
  expect(told(reviewed(name))).toEqual(FINDINGS[name]);
});

test("what moved or is imported is told as such, with what it was before", () => {
  const of = (name: string): Record<string, unknown> =>
    Object.fromEntries(
      reviewed(name)
        .changes.flatMap(({ changes }) => changes)
        .map(({ action, address, isImported, movedFrom }) => [address, [action, movedFrom ?? isImported]]),
    );
  expect(of("moved")).toEqual({
    "aws_sqs_queue.work": ["update", "aws_sqs_queue.jobs"],
    'aws_sqs_queue.each["0"]': ["none", "aws_sqs_queue.each[0]"],
    'aws_sqs_queue.each["1"]': ["none", "aws_sqs_queue.each[1]"],
  });
  expect(of("imported")).toEqual({
    "aws_dynamodb_table.ledger": ["update", true],
    "aws_iam_role.worker": ["none", true],
    "aws_iam_role_policy.worker": ["update", true],
  });
});

test("a sensitive value is in the plan, and in no text, Markdown or JSON of its review, wherever the provider repeats it", () => {
  const found = reviewed("sensitive");
  const texts = [TEXT, MARKDOWN].map((markup) => renderReview(found, markup, "secrets").join("\n"));
  for (const secret of SECRETS) {
    expect(textOf("sensitive").toLowerCase()).toContain(secret);
    for (const text of [...texts, JSON.stringify(found)]) expect(text.toLowerCase()).not.toContain(secret);
  }
  expect(texts[0]).toMatch(/environment\.0\.variables\.PASSWORD: \(sensitive\) becomes \(sensitive\)/);
});
