import fc from "fast-check";
import { parseLogPattern, UnsupportedPatternError, valueOf } from "../../../kit/alarms/log-pattern";
import { parseMetricMath, UnsupportedExpressionError } from "../../../kit/alarms/metric-math";

const at = (expression: string, points: Readonly<Record<string, number | undefined>>): number | undefined =>
  parseMetricMath(expression).at((id) => points[id]);

describe("metric math", () => {
  test.each<[string, Readonly<Record<string, number | undefined>>, number | undefined]>([
    ["a + b * 2", { a: 1, b: 3 }, 7],
    ["-a / b", { a: 6, b: 3 }, -2],
    // AWS: of two series a missing datapoint is 0; a division by zero is dropped
    ["a + b", { a: 1, b: undefined }, 1],
    ["a + b", { a: undefined, b: undefined }, undefined],
    ["a + 1", { a: undefined }, undefined],
    ["a / b", { a: 1, b: 0 }, undefined],
    ["FILL(a, 0) + b", { a: undefined, b: 2 }, 2],
    ["SUM([FILL(a, 0), FILL(b, 0)])", { a: undefined, b: 2 }, 2],
    ["SUM([a, b])", { a: undefined, b: undefined }, undefined],
    ["MAX([FILL(a, 0) / 10, b])", { a: 30, b: 2 }, 3],
    ["IF(a > 0, 0, b)", { a: 0, b: 5 }, 5],
    ["IF(a >= 20, 100 * b / a, 0)", { a: 40, b: 4 }, 10],
    ["IF(a > 0, 1, 0)", { a: undefined }, undefined],
    ["a > 1 && b < 2 || a == 0", { a: 0, b: 9 }, 1],
  ])("%s at %j is %p", (expression, points, expected) => {
    expect(at(expression, points)).toBe(expected);
  });

  test("sums are what they are in JavaScript, for any datapoints", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (a, b, c) => {
        expect(at("a + b - c", { a, b, c })).toBe(a + b - c);
      }),
    );
  });

  test.each([
    ["RATE(a)", "RATE"],
    ["a ^ 2", "^"],
    ["a = 2", "'='"],
    ["FILL(a, REPEAT, 1)", "FILL takes 2"],
    ["MAX(a)", "a list of series"],
    ["a[0]", "MemberExpression"],
    ["a +", "a +"],
    ["1 + 1", "no metric"],
    ["'text' + a", "no number"],
  ])("%s is refused by name", (expression, said) => {
    expect(() => parseMetricMath(expression)).toThrow(UnsupportedExpressionError);
    expect(() => parseMetricMath(expression)).toThrow(said);
    expect(() => parseMetricMath(expression)).toThrow(expression);
  });
});

describe("filter patterns", () => {
  test.each<[string, unknown, boolean]>([
    ['{ $.message = "fleet_halted" }', { message: "fleet_halted" }, true],
    ['{ $.message = "fleet_halted" }', { message: "fleet_halted_not" }, false],
    ['{ $.message = "fleet_halted" }', "fleet_halted", false],
    ['{ $.message = "a" || $.message = "b" }', { message: "b" }, true],
    ['{ $.message = "a" && $.error.code >= 5 }', { message: "a", error: { code: 5 } }, true],
    ['{ $.message = "a" && $.error.code >= 5 }', { message: "a", error: { code: "5" } }, false],
    ['{ $.message != "a" }', {}, false],
    ['{ $.message != "a" }', { message: "b" }, true],
  ])("%s of %j: %p", (pattern, line, expected) => {
    expect(parseLogPattern(pattern)(line)).toBe(expected);
  });

  test.each(["error", "[a, b]", '{ $.message = "a*" }', "{ $.message IS NULL }", '{ message = "a" }', "{ $.a = $.b }", '{ $.a > "b" }'])(
    "%s is refused by name",
    (pattern) => {
      expect(() => parseLogPattern(pattern)).toThrow(UnsupportedPatternError);
    },
  );

  test("a value is a number, or a field of the line", () => {
    expect(valueOf("{}", "1")({})).toBe(1);
    expect(valueOf("{}", "$.files.failed")({ files: { failed: 3 } })).toBe(3);
    expect(valueOf("{}", "$.files.failed")({ files: {} })).toBeUndefined();
    expect(() => valueOf("{}", "many")).toThrow(UnsupportedPatternError);
  });
});
