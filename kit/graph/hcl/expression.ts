/** What Terraform's values are here: JSON, as the provider's attributes are written in it. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type ObjectValue = Readonly<Record<string, Value>>;

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
export const isObject = (value: Value | undefined): value is ObjectValue => typeof value === "object" && value !== null && !isList(value);

/** The subset of Terraform's language that is synthesized. It grows by need: whatever else there is stops with its address. */
export type Expression =
  | { readonly kind: "literal"; readonly value: string | number }
  | { readonly kind: "template"; readonly parts: readonly Expression[] }
  /** `aws_sqs_queue.jobs.arn`, `data.aws_caller_identity.current.account_id`, `local.x`. */
  | { readonly kind: "reference"; readonly root: Reference; readonly attributes: readonly string[] }
  | { readonly kind: "call"; readonly functionName: string; readonly parameters: readonly Expression[] };

/** The part of the stack that an expression names. */
export interface Reference {
  readonly kind: "resource" | "data" | "local";
  /** Resource or data source type; empty for a local. */
  readonly type: string;
  readonly name: string;
}

/** The Terraform address: `aws_sqs_queue.jobs`, `data.aws_caller_identity.current`, `local.x`. */
export function addressOf({ kind, type, name }: Reference): string {
  if (kind === "resource") return `${type}.${name}`;
  return kind === "data" ? `data.${type}.${name}` : `local.${name}`;
}

/** Every reference in an expression, in order. */
export function referencesIn(expression: Expression): Reference[] {
  switch (expression.kind) {
    case "literal":
      return [];
    case "reference":
      return [expression.root];
    case "template":
      return expression.parts.flatMap(referencesIn);
    case "call":
      return expression.parameters.flatMap(referencesIn);
  }
}
