import fc from "fast-check";
import { covers, grantsOf, matchesAll, widened, type Grant } from "../../../kit/plan-review/iam/policy";

const LETTERS = ["a", "b"];
const patterns = fc.array(fc.constantFrom(...LETTERS, "*", "?"), { maxLength: 5 }).map((letters) => letters.join(""));
/** Every text of up to six letters. */
const TEXTS = [""];
for (let from = 0, length = 0; length < 6; length += 1) {
  const next = TEXTS.slice(from).flatMap((text) => LETTERS.map((letter) => text + letter));
  from = TEXTS.length;
  TEXTS.push(...next);
}

/** Whether a text fits a pattern, by trying, as IAM says it. */
function fits(pattern: string, text: string): boolean {
  const [letter] = pattern;
  if (letter === undefined) return text === "";
  if (letter === "*") return fits(pattern.slice(1), text) || (text !== "" && fits(pattern, text.slice(1)));
  return text !== "" && (letter === "?" || letter === text[0]) && fits(pattern.slice(1), text.slice(1));
}

test("a pattern that is said to match all that another one does, does so", () => {
  fc.assert(
    fc.property(patterns, patterns, (wide, narrow) => {
      fc.pre(matchesAll(wide, narrow));
      expect(TEXTS.filter((text) => fits(narrow, text) && !fits(wide, text))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test("a pattern matches each text that fits it", () => {
  fc.assert(
    fc.property(patterns, fc.constantFrom(...TEXTS), (pattern, text) => {
      expect(matchesAll(pattern, text)).toBe(fits(pattern, text));
    }),
    { numRuns: 2_000 },
  );
});

const grants: fc.Arbitrary<Grant> = fc.record({
  effect: fc.constantFrom("Allow" as const, "Deny" as const),
  principal: fc.constantFrom("self", "*", "Service:s3.amazonaws.com"),
  action: fc.constantFrom("s3:getobject", "s3:get*", "s3:*", "*", "!iam:*"),
  resource: fc.constantFrom("*", "arn:a", "arn:a/*", "arn:a/b"),
  conditions: fc.subarray(['Bool aws:securetransport ["true"]', 'StringEquals aws:sourceaccount ["1"]']),
});

test("nothing is wider than itself; what is added and not covered is; what is denied no more is", () => {
  fc.assert(
    fc.property(fc.array(grants, { maxLength: 6 }), grants, (before, added) => {
      expect(widened(before, before)).toEqual({ allowed: [], noLongerDenied: [] });
      const isCovered = before.some((each) => covers(each, added));
      const { allowed, noLongerDenied } = widened(before, [...before, added]);
      expect(noLongerDenied).toEqual([]);
      expect(allowed).toEqual(added.effect === "Allow" && !isCovered ? [added] : []);
      expect(widened([...before, added], before).noLongerDenied).toEqual(added.effect === "Deny" && !isCovered ? [added] : []);
    }),
    { numRuns: 1_000 },
  );
});

test("statements in any of IAM's forms are read", () => {
  const document = JSON.stringify({
    Statement: {
      Effect: "Allow",
      Principal: { AWS: ["*", "arn:aws:iam::1:root"], Service: "s3.amazonaws.com" },
      Action: "S3:GetObject",
      NotResource: ["b", "a"],
      Condition: { StringEquals: { "aws:SourceAccount": ["2", "1"] }, Bool: { "aws:SecureTransport": true } },
    },
  });
  expect(grantsOf(document)?.map(({ principal }) => principal)).toEqual(["*", "arn:aws:iam::1:root", "Service:s3.amazonaws.com"]);
  expect(grantsOf(document)?.[0]).toEqual({
    effect: "Allow",
    principal: "*",
    action: "s3:getobject",
    resource: "!a b",
    conditions: ['Bool aws:securetransport ["true"]', 'StringEquals aws:sourceaccount ["1","2"]'],
  });
  for (const none of ["", "[]", "{}", '{"Statement":[{"Effect":"Maybe"}]}']) expect(grantsOf(none)).toBeUndefined();
});
