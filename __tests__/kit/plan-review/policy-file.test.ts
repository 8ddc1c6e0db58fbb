import { Plan } from "../../../kit/plan-review/plan";
import { PolicyFileError, readPolicy } from "../../../kit/plan-review/policy-file";
import { review, type Review } from "../../../kit/plan-review/review";
import { RULES } from "../../../kit/plan-review/rules";

const IDS = RULES.map(({ id }) => id);
const EXCEPTION = { rule: "store-destroyed", address: "aws_sqs_queue.*", reason: "the queue is empty and unused", until: "2026-03-31" };
const PLAN = new Plan({
  format_version: "1.2",
  resource_changes: ["jobs", "results"].map((name) => ({
    address: `aws_sqs_queue.${name}`,
    mode: "managed",
    type: "aws_sqs_queue",
    name,
    change: { actions: ["delete"], before: { name }, after: null },
  })),
});
const on = (today: string, ...exceptions: readonly object[]): Review => review(PLAN, readPolicy({ exceptions }, IDS), today);

test("an exception holds up to and with its last day, for the resources that it names", () => {
  expect(on("2026-03-31", EXCEPTION)).toMatchObject({ isBlocked: false, expired: [], unused: [] });
  expect(on("2026-03-31", { ...EXCEPTION, address: "aws_sqs_queue.jobs" })).toMatchObject({ isBlocked: true });
  expect(on("2026-04-01", EXCEPTION)).toMatchObject({ isBlocked: true, expired: [EXCEPTION] });
});

test("one for another rule holds nothing, and is said to be needed by nothing", () => {
  const other = { ...EXCEPTION, rule: "kept-shorter" };
  expect(on("2026-03-31", other)).toMatchObject({ isBlocked: true, unused: [other] });
});

test.each<[string, object, RegExp]>([
  [
    "a rule that there is not",
    { exceptions: [{ ...EXCEPTION, rule: "store-destroyd" }] },
    /no rule 'store-destroyd'; there are .*store-destroyed/,
  ],
  ["no reason", { exceptions: [{ ...EXCEPTION, reason: "" }] }, /exceptions\[0\]\.reason: say why/],
  ["no end", { exceptions: [{ ...EXCEPTION, until: undefined }] }, /exceptions\[0\]\.until/],
  ["a day that is none", { exceptions: [{ ...EXCEPTION, until: "2026-02-30" }] }, /exceptions\[0\]\.until/],
  ["a field that nobody knows", { exeptions: [] }, /exeptions/],
])("%s is refused, and named", (_, given, message) => {
  expect(() => readPolicy(given, IDS)).toThrow(PolicyFileError);
  expect(() => readPolicy(given, IDS)).toThrow(message);
});
