import { readFileSync } from "node:fs";
import path from "node:path";
import { Exceptions, ExceptionsError, readExceptions, type Finding } from "../../../scripts/policy/findings";
import { renderReport } from "../../../scripts/policy/render";
import { PROJECT } from "../../support/project";

const exception = (rule: string, address: string, until = "2027-01-31") => ({ rule, address, reason: "reviewed by somebody", until });
const finding = (rule: string, address: string): Finding => ({ rule, address, message: "not as it should be" });
const TODAY = "2027-01-31";

describe("findings are judged by exceptions", () => {
  test("one excuses its rule at its addresses, up to its last day, and nothing else", () => {
    const exceptions = new Exceptions([exception("A", "aws_s3_bucket.*"), exception("B", "*", "2027-01-30")], TODAY);
    const inside = finding("A", "aws_s3_bucket.Data");
    const others = [finding("A", "aws_sqs_queue.Data"), finding("B", "aws_s3_bucket.Data")];
    expect(exceptions.judge([inside, ...others])).toEqual({ failed: others, excused: [inside] });
    expect(exceptions.expired).toMatchObject([{ rule: "B" }]);
  });

  test("one that excused nothing in all that was judged is told", () => {
    const exceptions = new Exceptions([exception("A", "first.*"), exception("A", "second.*"), exception("C", "*")], TODAY);
    exceptions.judge([finding("A", "first.x")]);
    expect(exceptions.unused.map(({ address }) => address)).toEqual(["second.*", "*"]);
    exceptions.judge([finding("A", "second.x"), finding("C", "any.x")]);
    expect(exceptions.unused).toEqual([]);
  });

  test.each([
    ["no reason", { exceptions: [{ rule: "A", address: "*", until: TODAY }] }],
    ["no day", { exceptions: [{ ...exception("A", "*"), until: "next year" }] }],
    ["a word too many", { exceptions: [], rules: [] }],
  ])("a file with %s is refused", (_what, given) => {
    expect(() => readExceptions(given)).toThrow(ExceptionsError);
  });

  test("a file may have none", () => {
    expect(readExceptions({})).toEqual([]);
  });
});

test("the project's own exceptions say why in a sentence, and each once", () => {
  const own = readExceptions(JSON.parse(readFileSync(path.join(PROJECT, "scripts", "policy", "exceptions.json"), "utf8")));
  expect(own.length).toBeGreaterThan(0);
  for (const { reason } of own) expect(reason).toMatch(/^[A-Z].{40,}\.$/s);
  expect(new Set(own.map(({ address, rule }) => `${rule} ${address}`)).size).toBe(own.length);
});

test("the report tells what fails where, counts what is only noted, and says what to do", () => {
  const noted = [finding("A", "one.x"), finding("B", "one.y"), finding("B", "one.z")];
  const text = renderReport({
    stacks: [
      { stack: "batch-dev", isHeld: false, policies: 3, findings: { failed: noted, excused: [] } },
      { stack: "batch-prod", isHeld: true, policies: 4, findings: { failed: [finding("C", "one.w")], excused: noted } },
    ],
    expired: [exception("D", "*")],
    unused: [exception("E", "*")],
    passed: false,
  });
  expect(text.split("\n")).toEqual([
    "batch-dev: 3 noted (2 B, 1 A); 3 policies",
    "batch-prod: 1 failed, 3 excused; 4 policies",
    "failed: C in batch-prod: one.w",
    "  not as it should be",
    "failed: the exception of D for * was over on 2027-01-31",
    "failed: the exception of E for * excuses nothing any more: remove it",
    expect.stringMatching(/^fix: /),
    "",
  ]);
});
