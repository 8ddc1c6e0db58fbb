import fc from "fast-check";
import { UnknownAttributeError, UnknownFunctionError } from "../../../../../kit/local/errors";
import { evaluate, evaluateDeep } from "../../../../../kit/local/provision/hcl/evaluate";
import type { Reference, Value } from "../../../../../kit/local/provision/hcl/expression";
import { addressOf, referencesIn } from "../../../../../kit/local/provision/hcl/expression";
import { parseTemplate } from "../../../../../kit/local/provision/hcl/parser";
import { ExpressionSyntaxError } from "../../../../../kit/local/provision/hcl/tokens";

const VALUES: Readonly<Record<string, Value>> = {
  "aws_sqs_queue.wordfreq-jobs": { arn: "arn:aws:sqs:us-east-1:0:jobs", url: "http://host/jobs", name: "jobs" },
  "aws_subnet.a": { id: "subnet-1" },
  "data.aws_availability_zones.azs": { names: ["us-east-1a", "us-east-1b"] },
  "local.user-data": 'line "one"\nline two',
  "local.n": 4,
  "var.owner": "me",
  "aws_launch_template.t": { metadata_options: { http_tokens: "required" }, blocks: [{ id: "x" }, { id: "y" }] },
};
const resolve = (reference: Reference): Value => VALUES[addressOf(reference)] ?? null;
const scope = { directory: "/stack", resolve };
const value = (text: string): Value => evaluate(parseTemplate(text, "test.part"), scope, "test.part");

describe("Terraform expressions of the synthesized file (invariant 10)", () => {
  test.each<[string, Value]>([
    ["plain", "plain"],
    ["", ""],
    ["${aws_sqs_queue.wordfreq-jobs.arn}", "arn:aws:sqs:us-east-1:0:jobs"],
    ["${aws_sqs_queue.wordfreq-jobs.arn}/${local.n}-${var.owner}", "arn:aws:sqs:us-east-1:0:jobs/4-me"],
    ["${local.n}", 4],
    ["${data.aws_availability_zones.azs.names[1]}", "us-east-1b"],
    ["${data.aws_availability_zones.azs.names}", ["us-east-1a", "us-east-1b"]],
    ["${element(data.aws_availability_zones.azs.names, 3)}", "us-east-1b"],
    ["${aws_launch_template.t.blocks[*].id}", ["x", "y"]],
    ["${aws_launch_template.t.metadata_options[0].http_tokens}", "required"],
    ['${jsonencode({"b" = aws_sqs_queue.wordfreq-jobs.name, "a" = [1, true, null]})}', '{"a":[1,true,null],"b":"jobs"}'],
    ['${base64encode("${local.user-data}")}', Buffer.from('line "one"\nline two').toString("base64")],
    ['${join("-", ["a", aws_subnet.a.id])}', "a-subnet-1"],
    ['${replace("a}b\\"c", "}", "{")}', 'a{b"c'],
    ['${cidrsubnet("10.0.0.0/16", 4, 2)}', "10.0.32.0/20"],
    ["${(local.n + 2) * 3 - 10 / 5 % 3}", 16],
    ['${local.n > 3 && !false ? "big" : "small"}', "big"],
    ["${-local.n}", -4],
    ["${max([1, 9, 3]...)}", 9],
    ["${path.module}", "/stack"],
    ["$${HOME} and %%{ stay", "${HOME} and %{ stay"],
    ["$HOME costs 5%", "$HOME costs 5%"],
    ['${"caf\\u00e9 $${x}"}', "café ${x}"],
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

  test("any JSON written as an expression comes back from jsonencode and jsondecode", () => {
    // keys in an order that JavaScript and Terraform share, no numbers that JSON writes with an exponent
    const json = fc.letrec<{ json: Value }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("json"), { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie("json"), { maxKeys: 3 }),
      ),
    })).json;
    const written = (data: Value): string => {
      // in a replacement text `$$` would mean one dollar sign
      if (typeof data === "string")
        return JSON.stringify(data)
          .replaceAll("${", () => "$${")
          .replaceAll("%{", "%%{");
      if (Array.isArray(data)) return `[${data.map(written).join(", ")}]`;
      if (typeof data !== "object" || data === null) return JSON.stringify(data);
      return `{${Object.entries(data as Record<string, Value>)
        .map(([key, item]) => `"${key}" = ${written(item)}`)
        .join(", ")}}`;
    };
    fc.assert(
      fc.property(json, (data) => {
        expect(value(`\${jsondecode(jsonencode(${written(data)}))}`)).toEqual(data);
      }),
    );
  });

  test("strings are evaluated wherever they are, keys included", () => {
    const body = { list: ["${local.n}", 1], block: { "${var.owner}": "${var.owner}!" }, flag: true };
    expect(evaluateDeep(body, (text) => parseTemplate(text, "x"), scope, "x")).toEqual({ list: [4, 1], block: { me: "me!" }, flag: true });
  });

  test("references are found in every kind of expression", () => {
    const text =
      '${a_b.one.x}${f(data.t.two.x[local.three], {"k" = a_b.four.y})}${[a_b.five.z][0] == var.six ? -a_b.seven.v : a_b.eight[*].w}';
    expect(referencesIn(parseTemplate(text, "x")).map(addressOf)).toEqual([
      "a_b.one",
      "data.t.two",
      "local.three",
      "a_b.four",
      "a_b.five",
      "var.six",
      "a_b.seven",
      "a_b.eight",
    ]);
  });
});

describe("what is not understood stops with its address (invariant 10)", () => {
  test.each([
    ["${[for x in y : x]}", /`for`/],
    ["%{ if true }x%{ endif }", /directives/],
    ["${aws_sqs_queue.x.arn", /not closed/],
    ["${each.value}", /each/],
    ["${1 +}", /value was expected/],
    ["${a_b.c.d e}", /nothing should follow/],
    ["${@}", /unexpected @/],
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
    expect(() => value("${data.aws_availability_zones.azs.names[7]}")).toThrow(UnknownAttributeError);
    expect(() => value("x${data.aws_availability_zones.azs.names}")).toThrow(/a text was expected/);
  });
});
