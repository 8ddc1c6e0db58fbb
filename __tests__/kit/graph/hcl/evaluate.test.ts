import fc from "fast-check";
import { ExpressionSyntaxError, ProvisioningError, UnknownAttributeError, UnknownFunctionError } from "../../../../kit/graph/errors";
import { evaluate, evaluateDeep } from "../../../../kit/graph/hcl/evaluate";
import { addressOf, referencesIn, type Reference, type Value } from "../../../../kit/graph/hcl/expression";
import { parseTemplate } from "../../../../kit/graph/hcl/parser";

const VALUES: Readonly<Record<string, Value>> = {
  "aws_sqs_queue.wordfreq-jobs": { arn: "arn:aws:sqs:us-east-1:0:jobs", url: "http://host/jobs", name: "jobs" },
  "data.aws_availability_zones.azs": { names: ["us-east-1a", "us-east-1b"] },
  "local.user-data": 'line "one"\nline two',
  "local.n": 4,
  "aws_launch_template.t": { metadata_options: { http_tokens: "required" } },
};
const resolve = (reference: Reference): Value => VALUES[addressOf(reference)] ?? null;
const scope = { directory: "/stack", resolve };
const value = (text: string): Value => evaluate(parseTemplate(text, "test.part"), scope, "test.part");

describe("Terraform expressions of the synthesized file (invariant 10)", () => {
  test.each<[string, Value]>([
    ["plain", "plain"],
    ["", ""],
    ["${aws_sqs_queue.wordfreq-jobs.arn}", "arn:aws:sqs:us-east-1:0:jobs"],
    ["${aws_sqs_queue.wordfreq-jobs.arn}/${local.n}-${ aws_sqs_queue.wordfreq-jobs.name }", "arn:aws:sqs:us-east-1:0:jobs/4-jobs"],
    ["${local.n}", 4],
    ["${data.aws_availability_zones.azs.names}", ["us-east-1a", "us-east-1b"]],
    ["${element(data.aws_availability_zones.azs.names, 3)}", "us-east-1b"],
    ["${aws_launch_template.t.metadata_options.http_tokens}", "required"],
    ["${base64encode(local.user-data)}", Buffer.from('line "one"\nline two').toString("base64")],
    ['${cidrsubnet("10.0.0.0/16", 4, 2)}', "10.0.32.0/20"],
    ['${substr(sha256("x"), -4, 2)}', "48"],
    ["$${HOME} and %%{ stay", "${HOME} and %{ stay"],
    ["$HOME costs 5%", "$HOME costs 5%"],
    ['${substr("a}b\\"c \\u00e9", 0, -1)}', 'a}b"c é'],
  ])("%s", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  test("text without `${` and `%{` is itself, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!text.includes("${") && !text.includes("%{"));
        expect(value(text)).toBe(text);
      }),
    );
  });

  test("any text in an expression's quotes comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!text.includes("${") && !text.includes("%{"));
        expect(value(`\${substr(${JSON.stringify(text)}, 0, -1)}`)).toBe(text);
      }),
    );
  });

  test("strings are evaluated wherever they are, keys included", () => {
    const body = { list: ["${local.n}", 1], block: { "${aws_sqs_queue.wordfreq-jobs.name}": "${local.n}!" }, flag: true };
    expect(evaluateDeep(body, (text) => parseTemplate(text, "x"), scope, "x")).toEqual({ list: [4, 1], block: { jobs: "4!" }, flag: true });
  });

  test("references are found in every kind of expression", () => {
    const text = "${a_b.one.x}${f(data.t.two.x, local.three, g(a_b.four.y, 1))} and ${a_b.five}";
    expect(referencesIn(parseTemplate(text, "x")).map(addressOf)).toEqual(["a_b.one", "data.t.two", "local.three", "a_b.four", "a_b.five"]);
  });
});

describe("what is not understood stops with its address (invariant 10)", () => {
  test.each([
    ["%{ if true }x%{ endif }", /directives/],
    ["${aws_sqs_queue.x.arn", /not closed/],
    ["${each.value}", /each/],
    ["${var.owner}", /var/],
    ["${1 +}", /unexpected \+/],
    ["${a_b.c.d e}", /unexpected e/],
    ["${a_b.c.names[0]}", /unexpected \[/],
    ["${a_b}", /\. was expected/],
    ["${@}", /not @/],
    ["${f(a_b.c.d}", /, was expected, not }/],
    ["${}", /a value was expected/],
    ['${f("${a_b.c.d}")}', /quotes/],
    ['${f("\\q")}', /escape/i],
  ])("%s", (text, problem) => {
    expect(() => parseTemplate(text, "aws_x.y")).toThrow(ExpressionSyntaxError);
    expect(() => parseTemplate(text, "aws_x.y")).toThrow(problem);
    expect(() => parseTemplate(text, "aws_x.y")).toThrow(/^aws_x\.y: /);
  });

  test("an unknown function and an unknown attribute", () => {
    expect(() => value("${frobnicate(1)}")).toThrow(UnknownFunctionError);
    expect(() => value("${frobnicate(1)}")).toThrow("test.part: the local run doesn't know the Terraform function frobnicate()");
    expect(() => value("${aws_sqs_queue.wordfreq-jobs.owner}")).toThrow(UnknownAttributeError);
    expect(() => value("${aws_sqs_queue.wordfreq-jobs.owner}")).toThrow(
      "test.part: aws_sqs_queue.wordfreq-jobs.owner has no value in the local run; known here: arn, url, name",
    );
    expect(() => value("x${data.aws_availability_zones.azs.names}")).toThrow(/a text was expected/);
  });

  test("a function that refuses its parameters says where", () => {
    expect(() => value('${cidrsubnet("10.0.0.0/30", 4, 0)}')).toThrow(ProvisioningError);
    expect(() => value('${cidrsubnet("10.0.0.0/30", 4, 0)}')).toThrow(/^test\.part: cidrsubnet\(\): .*no room/);
  });
});
