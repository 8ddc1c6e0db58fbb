import jsep from "jsep";

/** A filter pattern of CloudWatch Logs that is not known here. */
export class UnsupportedPatternError extends Error {
  public override readonly name = "UnsupportedPatternError";
  public constructor(pattern: string, problem: string, options?: ErrorOptions) {
    super(`the filter pattern '${pattern}' can't be carried out: ${problem}; teach kit/alarms/log-pattern.ts about it`, options);
  }
}

type LineTest = (line: unknown) => boolean;

// a pattern's own equality; metric math has none, and refuses it. As strong as the others that compare
jsep.addBinaryOp("=", 6);

/**
 * A pattern for lines of JSON: `{ $.message = "fleet_halted" }`, comparisons with texts and numbers, joined by `&&` and `||`. Patterns of
 * words, of columns, and with wildcards are refused.
 *
 * @throws UnsupportedPatternError
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax-JSON.html
 */
export function parseLogPattern(pattern: string): LineTest {
  const [, inner] = /^\s*\{(.*)\}\s*$/s.exec(pattern) ?? [];
  if (inner === undefined) throw new UnsupportedPatternError(pattern, "it is none for lines of JSON");
  let parsed: jsep.Expression;
  try {
    parsed = jsep(inner);
  } catch (error) {
    throw new UnsupportedPatternError(pattern, error instanceof Error ? error.message : String(error), { cause: error });
  }
  return testOf(pattern, parsed as jsep.CoreExpression);
}

function testOf(pattern: string, node: jsep.CoreExpression): LineTest {
  if (node.type !== "BinaryExpression") throw new UnsupportedPatternError(pattern, `a ${node.type} is no comparison`);
  const [left, right] = [node.left, node.right] as jsep.CoreExpression[];
  if (left === undefined || right === undefined) throw new UnsupportedPatternError(pattern, "a side is missing");
  if (node.operator === "&&" || node.operator === "||") {
    const tests = [testOf(pattern, left), testOf(pattern, right)];
    return node.operator === "&&" ? (line) => tests.every((test) => test(line)) : (line) => tests.some((test) => test(line));
  }
  const selector = selectorOf(left);
  if (selector === undefined) throw new UnsupportedPatternError(pattern, "the left side of a comparison is no selector such as $.message");
  if (right.type !== "Literal") throw new UnsupportedPatternError(pattern, "the right side of a comparison is neither a text nor a number");
  const compare = comparisonWith(node.operator, right.value);
  if (compare === undefined) throw new UnsupportedPatternError(pattern, `'${node.operator} ${right.raw}' is not known`);
  return (line) => compare(selected(line, selector));
}

function comparisonWith(operator: string, wanted: jsep.Literal["value"]): LineTest | undefined {
  if (typeof wanted === "string") {
    // a wildcard, which is not carried out
    if (wanted.includes("*") || wanted.startsWith("%")) return undefined;
    if (operator === "=") return (value) => value === wanted;
    // a line without the field matches neither
    return operator === "!=" ? (value) => value !== undefined && value !== wanted : undefined;
  }
  if (typeof wanted !== "number") return undefined;
  const number = NUMBERS[operator];
  return number === undefined ? undefined : (value) => typeof value === "number" && number(value, wanted);
}

const NUMBERS: Readonly<Record<string, (value: number, wanted: number) => boolean>> = {
  "=": (value, wanted) => value === wanted,
  "!=": (value, wanted) => value !== wanted,
  "<": (value, wanted) => value < wanted,
  "<=": (value, wanted) => value <= wanted,
  ">": (value, wanted) => value > wanted,
  ">=": (value, wanted) => value >= wanted,
};

/** `$.error.name` as the names of its fields. */
function selectorOf(node: jsep.CoreExpression): readonly string[] | undefined {
  if (node.type === "Identifier") return node.name === "$" ? [] : undefined;
  if (node.type !== "MemberExpression" || node.computed) return undefined;
  const outer = selectorOf(node.object as jsep.CoreExpression);
  const property = node.property as jsep.CoreExpression;
  return outer === undefined || property.type !== "Identifier" ? undefined : [...outer, property.name];
}

const selected = (line: unknown, selector: readonly string[]): unknown =>
  selector.reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined),
    line,
  );

/** The number that a metric filter's value stands for: itself, or a field of the line. undefined: the line has none there. */
export function valueOf(pattern: string, value: string): (line: unknown) => number | undefined {
  if (!value.startsWith("$")) {
    const number = Number(value);
    if (value.trim() === "" || Number.isNaN(number)) throw new UnsupportedPatternError(pattern, `its value '${value}' is no number`);
    return () => number;
  }
  const selector = selectorOf(jsep(value) as jsep.CoreExpression);
  if (selector === undefined) throw new UnsupportedPatternError(pattern, `its value '${value}' is no selector`);
  return (line) => {
    const found = selected(line, selector);
    return typeof found === "number" ? found : undefined;
  };
}
