import type { ObjectValue, Value } from "./hcl/expression";

/** A resource with its arguments evaluated, and the attributes that making it adds. */
export interface EvaluatedResource {
  readonly address: string;
  readonly type: string;
  readonly attributes: ObjectValue;
}

/** A stack as a back end has made it: plain data. */
export interface EvaluatedStack {
  readonly resources: readonly EvaluatedResource[];
  readonly outputs: Readonly<Record<string, Value>>;
}
