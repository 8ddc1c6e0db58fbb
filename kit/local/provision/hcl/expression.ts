/** What Terraform's values are here: JSON, as the provider's attributes are written in it. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type ObjectValue = Readonly<Record<string, Value>>;

export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||";

/** Binary operators by rising precedence. https://developer.hashicorp.com/terraform/language/expressions/operators */
export const PRECEDENCE: readonly (readonly BinaryOperator[])[] = [
  ["||"],
  ["&&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];

export type Expression =
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "template"; readonly parts: readonly (string | Expression)[] }
  /** `aws_sqs_queue.jobs`, `data.aws_region.current`, `local.x`, `var.x`, `path.module`: the head of a reference. */
  | { readonly kind: "reference"; readonly root: Reference }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly index: Expression }
  | { readonly kind: "splat"; readonly of: Expression; readonly names: readonly string[] }
  | { readonly kind: "call"; readonly functionName: string; readonly parameters: readonly Expression[]; readonly expandLast: boolean }
  | { readonly kind: "object"; readonly entries: readonly { readonly key: Expression; readonly value: Expression }[] }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "conditional"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: "unary"; readonly operator: "-" | "!"; readonly operand: Expression }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression };

/** The part of the stack that an expression names. */
export interface Reference {
  readonly kind: "resource" | "data" | "local" | "var" | "path";
  /** Resource or data source type; empty for the other kinds. */
  readonly type: string;
  readonly name: string;
}

/** The Terraform address: `aws_sqs_queue.jobs`, `data.aws_region.current`, `local.x`. */
export function addressOf({ kind, type, name }: Reference): string {
  if (kind === "resource") return `${type}.${name}`;
  return kind === "data" ? `data.${type}.${name}` : `${kind}.${name}`;
}

/** Every reference in an expression, in order. */
export function referencesIn(expression: Expression): Reference[] {
  switch (expression.kind) {
    case "literal":
      return [];
    case "reference":
      return [expression.root];
    case "template":
      return expression.parts.flatMap((part) => (typeof part === "string" ? [] : referencesIn(part)));
    case "attribute":
    case "splat":
      return referencesIn(expression.of);
    case "index":
      return [...referencesIn(expression.of), ...referencesIn(expression.index)];
    case "call":
      return expression.parameters.flatMap(referencesIn);
    case "object":
      return expression.entries.flatMap(({ key, value }) => [...referencesIn(key), ...referencesIn(value)]);
    case "list":
      return expression.items.flatMap(referencesIn);
    case "conditional":
      return [expression.test, expression.yes, expression.no].flatMap(referencesIn);
    case "unary":
      return referencesIn(expression.operand);
    case "binary":
      return [...referencesIn(expression.left), ...referencesIn(expression.right)];
  }
}
