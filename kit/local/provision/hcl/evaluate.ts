import { ProvisioningError } from "../../errors";
import { UnknownAttributeError, UnknownFunctionError } from "../../errors";
import type { BinaryOperator, Expression, ObjectValue, Reference, Value } from "./expression";
import { addressOf } from "./expression";
import { FUNCTIONS } from "./functions";

/** What expressions are evaluated against. */
export interface Scope {
  /** Value of a resource, data source, local or variable that exists by now. */
  readonly resolve: (reference: Reference) => Value;
  /** Files named in the stack are relative to its folder. */
  readonly directory: string;
}

const FIX = "correct the expression in the construct that it comes from";

/**
 * Evaluates one expression.
 *
 * @param address Terraform address of the part it stands in, for messages
 * @throws ProvisioningError and its kinds
 */
export function evaluate(expression: Expression, scope: Scope, address: string): Value {
  const sub = (inner: Expression): Value => evaluate(inner, scope, address);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "template":
      return expression.parts.map((part) => (typeof part === "string" ? part : textOf(sub(part), address))).join("");
    case "reference":
      return expression.root.kind === "path" ? scope.directory : scope.resolve(expression.root);
    case "attribute":
      return memberOf(sub(expression.of), expression.name, describe(expression), address);
    case "index":
      return indexed(sub(expression.of), sub(expression.index), describe(expression), address);
    case "splat": {
      const of = sub(expression.of);
      const items = of === null ? [] : isList(of) ? of : [of];
      return items.map((item) => expression.names.reduce((value, name) => memberOf(value, name, describe(expression), address), item));
    }
    case "call": {
      const implementation = FUNCTIONS.get(expression.functionName);
      if (implementation === undefined) throw new UnknownFunctionError(address, expression.functionName);
      return call(expression.functionName, implementation, parametersOf(expression, sub), scope, address);
    }
    case "object":
      return Object.fromEntries(expression.entries.map(({ key, value }) => [textOf(sub(key), address), sub(value)]));
    case "list":
      return expression.items.map(sub);
    case "conditional":
      return sub(sub(expression.test) === true ? expression.yes : expression.no);
    case "unary":
      return expression.operator === "!" ? sub(expression.operand) !== true : -numberOf(sub(expression.operand), address);
    case "binary":
      return binary(expression.operator, sub(expression.left), sub(expression.right), address);
  }
}

/** Evaluates every string in a part of the stack file, its keys included. */
export function evaluateDeep(value: Value, parsed: (text: string) => Expression, scope: Scope, address: string): Value {
  if (typeof value === "string") return evaluate(parsed(value), scope, address);
  if (isList(value)) return value.map((item) => evaluateDeep(item, parsed, scope, address));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      textOf(evaluate(parsed(key), scope, address), address),
      evaluateDeep(item, parsed, scope, address),
    ]),
  );
}

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
export const isObject = (value: Value | undefined): value is ObjectValue => typeof value === "object" && value !== null && !isList(value);

type Implementation = NonNullable<ReturnType<typeof FUNCTIONS.get>>;

function call(name: string, implementation: Implementation, parameters: readonly Value[], scope: Scope, address: string): Value {
  try {
    return implementation(parameters, scope.directory);
  } catch (error) {
    throw new ProvisioningError(address, `${name}(): ${error instanceof Error ? error.message : String(error)}`, FIX, { cause: error });
  }
}

function parametersOf(expression: Extract<Expression, { kind: "call" }>, sub: (inner: Expression) => Value): Value[] {
  const values = expression.parameters.map(sub);
  if (!expression.expandLast) return values;
  const last = values.pop();
  return isList(last) ? [...values, ...last] : values;
}

function memberOf(of: Value, name: string, reference: string, address: string): Value {
  const value = isObject(of) ? of[name] : undefined;
  if (value === undefined) throw new UnknownAttributeError(address, reference, isObject(of) ? Object.keys(of) : []);
  return value;
}

function indexed(of: Value, index: Value, reference: string, address: string): Value {
  // a block that occurs once is written as an object, and referred to as the first of a list
  if (index === 0 && isObject(of) && !("0" in of)) return of;
  const value = isList(of) ? of[Number(index)] : isObject(of) ? of[textOf(index, address)] : undefined;
  if (value === undefined) throw new UnknownAttributeError(address, reference, isObject(of) ? Object.keys(of) : []);
  return value;
}

function textOf(value: Value, address: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ProvisioningError(address, `a text was expected, not ${JSON.stringify(value)}`, FIX);
}

function numberOf(value: Value, address: string): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new ProvisioningError(address, `a number was expected, not ${JSON.stringify(value)}`, FIX);
}

function binary(operator: BinaryOperator, left: Value, right: Value, address: string): Value {
  switch (operator) {
    case "==":
      return JSON.stringify(left) === JSON.stringify(right);
    case "!=":
      return JSON.stringify(left) !== JSON.stringify(right);
    case "&&":
      return left === true && right === true;
    case "||":
      return left === true || right === true;
    default:
      return arithmetic(operator, numberOf(left, address), numberOf(right, address));
  }
}

function arithmetic(operator: Exclude<BinaryOperator, "==" | "!=" | "&&" | "||">, left: number, right: number): Value {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    case ">=":
      return left >= right;
  }
}

function describe(expression: Expression): string {
  switch (expression.kind) {
    case "reference":
      return addressOf(expression.root);
    case "attribute":
      return `${describe(expression.of)}.${expression.name}`;
    case "index":
      return `${describe(expression.of)}[${expression.index.kind === "literal" ? JSON.stringify(expression.index.value) : "..."}]`;
    case "splat":
      return `${describe(expression.of)}[*].${expression.names.join(".")}`;
    case "call":
      return `${expression.functionName}(...)`;
    default:
      return "(...)";
  }
}
