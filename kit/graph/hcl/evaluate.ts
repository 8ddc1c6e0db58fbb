import { ProvisioningError, UnknownAttributeError, UnknownFunctionError } from "../errors";
import { addressOf, isList, isObject, type Expression, type Reference, type Value } from "./expression";
import { FUNCTIONS } from "./functions";

/** What expressions are evaluated against. */
export interface Scope {
  /** Value of a resource, data source or local that exists by now. */
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
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "template":
      return expression.parts.map((part) => textOf(evaluate(part, scope, address), address)).join("");
    case "reference":
      return expression.attributes.reduce((of, name, index) => {
        const value = isObject(of) ? of[name] : undefined;
        if (value !== undefined) return value;
        const reference = [addressOf(expression.root), ...expression.attributes.slice(0, index + 1)].join(".");
        throw new UnknownAttributeError(address, reference, isObject(of) ? Object.keys(of) : []);
      }, scope.resolve(expression.root));
    case "call": {
      const implementation = FUNCTIONS.get(expression.functionName);
      if (implementation === undefined) throw new UnknownFunctionError(address, expression.functionName);
      const parameters = expression.parameters.map((parameter) => evaluate(parameter, scope, address));
      try {
        return implementation(parameters, scope.directory);
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        throw new ProvisioningError(address, `${expression.functionName}(): ${problem}`, FIX, { cause: error });
      }
    }
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

function textOf(value: Value, address: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ProvisioningError(address, `a text was expected, not ${JSON.stringify(value)}`, FIX);
}
