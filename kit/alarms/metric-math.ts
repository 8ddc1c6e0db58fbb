import jsep from "jsep";

/** An expression that is valid for CloudWatch, or is not, and that can't be carried out here. */
export class UnsupportedExpressionError extends Error {
  public override readonly name = "UnsupportedExpressionError";
  public constructor(expression: string, problem: string, options?: ErrorOptions) {
    super(`the metric math '${expression}' can't be carried out: ${problem}; teach kit/alarms/metric-math.ts about it`, options);
  }
}

/** What an expression is made of, at one time: a number that is always the same, or a datapoint of a series, which may be missing. */
type Term = { readonly kind: "scalar"; readonly value: number } | { readonly kind: "point"; readonly value: number | undefined };
type PointOf = (id: string) => number | undefined;
type Formula = (pointOf: PointOf) => Term;

export interface MetricMath {
  /** Ids of the metrics and expressions that it is made of. */
  readonly ids: readonly string[];
  /** @param pointOf the datapoint of an id. @returns undefined where the result has no datapoint */
  readonly at: (pointOf: (id: string) => number | undefined) => number | undefined;
}

const truth = (holds: boolean): number => (holds ? 1 : 0);

/** jsep's own names; CloudWatch writes `AND` and `OR`, too, and has `^` for powers. */
const OPERATIONS: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "<": (left, right) => truth(left < right),
  "<=": (left, right) => truth(left <= right),
  ">": (left, right) => truth(left > right),
  ">=": (left, right) => truth(left >= right),
  "==": (left, right) => truth(left === right),
  "!=": (left, right) => truth(left !== right),
  "&&": (left, right) => truth(left !== 0 && right !== 0),
  "||": (left, right) => truth(left !== 0 || right !== 0),
};

/**
 * Of two series a missing datapoint counts as 0, unless both are missing; what is no number, as after a division by zero, is dropped.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-arithmetic
 */
function combined(operation: (left: number, right: number) => number, left: Term, right: Term): Term {
  if (left.kind === "scalar" && right.kind === "scalar") return { kind: "scalar", value: operation(left.value, right.value) };
  const isMissing = [left, right].every(({ kind, value }) => kind === "scalar" || value === undefined);
  if (isMissing) return { kind: "point", value: undefined };
  const value = operation(left.value ?? 0, right.value ?? 0);
  return { kind: "point", value: Number.isFinite(value) ? value : undefined };
}

/** The functions that are used on several series at a time; a datapoint that is missing there is left out. */
const ARRAY_FUNCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  MAX: (values) => values.reduce((most, value) => Math.max(most, value)),
};

/** The functions that are used on one. */
const FUNCTIONS: Readonly<Record<string, { readonly parameters: number; readonly of: (...terms: readonly (Term | undefined)[]) => Term }>> =
  {
    FILL: {
      parameters: 2,
      of: (series, filler) => ({ kind: "point", value: series?.value ?? filler?.value }),
    },
    IF: {
      parameters: 3,
      of: (condition, then, otherwise) => {
        if (condition?.value === undefined) return { kind: "point", value: undefined };
        return { kind: "point", value: (condition.value === 0 ? otherwise : then)?.value };
      },
    },
  };

/** @throws UnsupportedExpressionError */
export function parseMetricMath(expression: string): MetricMath {
  let parsed: jsep.Expression;
  try {
    parsed = jsep(expression);
  } catch (error) {
    throw new UnsupportedExpressionError(expression, error instanceof Error ? error.message : String(error), { cause: error });
  }
  const compiler = new Compiler(expression);
  const formula = compiler.compiled(parsed);
  if (compiler.ids.size === 0) throw new UnsupportedExpressionError(expression, "it is made of no metric");
  return { ids: [...compiler.ids], at: (pointOf) => formula(pointOf).value };
}

class Compiler {
  public readonly ids = new Set<string>();

  public constructor(private readonly expression: string) {}

  public compiled(parsed: jsep.Expression): Formula {
    const node = parsed as jsep.CoreExpression;
    switch (node.type) {
      case "Literal": {
        const { value } = node;
        if (typeof value !== "number") throw this.unsupported(`${node.raw} is no number`);
        return () => ({ kind: "scalar", value });
      }
      case "Identifier": {
        const { name } = node;
        this.ids.add(name);
        return (pointOf) => ({ kind: "point", value: pointOf(name) });
      }
      case "UnaryExpression": {
        if (node.operator !== "-") throw this.unsupported(`the sign '${node.operator}' is not known`);
        const argument = this.compiled(node.argument);
        return (pointOf) => combined((zero, value) => zero - value, { kind: "scalar", value: 0 }, argument(pointOf));
      }
      case "BinaryExpression": {
        const operation = OPERATIONS[node.operator];
        if (operation === undefined) throw this.unsupported(`the operator '${node.operator}' is not known`);
        const left = this.compiled(node.left);
        const right = this.compiled(node.right);
        return (pointOf) => combined(operation, left(pointOf), right(pointOf));
      }
      case "CallExpression":
        return this.call(node);
      default:
        throw this.unsupported(`a ${node.type} is not known there`);
    }
  }

  private call({ arguments: given, callee: called }: jsep.CallExpression): Formula {
    const callee = called as jsep.CoreExpression;
    const name = callee.type === "Identifier" ? callee.name : "";
    const ofArray = ARRAY_FUNCTIONS[name];
    const [only] = given as readonly jsep.CoreExpression[];
    if (ofArray !== undefined) {
      // of a single series they are a number for all of its time, which an alarm should not look at: it retrieves more than it evaluates
      if (only?.type !== "ArrayExpression" || given.length > 1) throw this.unsupported(`${name} takes a list of series here`);
      const elements = only.elements.map((element) => this.compiled(element ?? { type: "Compound", body: [] }));
      return (pointOf) => {
        const values = elements.flatMap((element) => element(pointOf).value ?? []);
        return { kind: "point", value: values.length === 0 ? undefined : ofArray(values) };
      };
    }
    const known = FUNCTIONS[name];
    if (known === undefined) throw this.unsupported(`the function ${name} is not known`);
    if (given.length !== known.parameters) throw this.unsupported(`${name} takes ${known.parameters} parameters here`);
    const parameters = given.map((argument) => this.compiled(argument));
    return (pointOf) => known.of(...parameters.map((parameter) => parameter(pointOf)));
  }

  private unsupported(problem: string): UnsupportedExpressionError {
    return new UnsupportedExpressionError(this.expression, problem);
  }
}
