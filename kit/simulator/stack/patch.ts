import type { EvaluatedStack } from "../../graph/evaluated-stack";
import type { ObjectValue } from "../../graph/hcl/expression";

/** What a world has otherwise than it is synthesized. */
export interface StackPatch {
  /** What it is for, in words; in the world's trace and in errors. */
  readonly name: string;
  /** Resource type. */
  readonly type: string;
  /** The resource's own name: its argument `name`, `bucket` or `function_name`. */
  readonly of: string;
  /** @returns the arguments that are otherwise */
  readonly change: (given: ObjectValue) => ObjectValue;
}

/** A patch that changes nothing, or more than it says, would leave a world otherwise than it looks. */
export class StackPatchError extends Error {
  public override readonly name = "StackPatchError";
}

/** @throws StackPatchError when a patch doesn't fit exactly one resource, or names an argument that it has not */
export function patched(stack: EvaluatedStack, patches: readonly StackPatch[]): EvaluatedStack {
  const resources = [...stack.resources];
  for (const { change, name, of, type } of patches) {
    const fitting = resources.flatMap((resource, index) => (resource.type === type && ownName(resource.attributes) === of ? [index] : []));
    const [only = -1] = fitting;
    const resource = resources[only];
    if (resource === undefined || fitting.length > 1)
      throw new StackPatchError(`'${name}' is for ${type} ${of}, of which the stack has ${fitting.length}; mend the patch`);
    const changes = change(resource.attributes);
    const unknown = Object.keys(changes).filter((argument) => !(argument in resource.attributes));
    if (unknown.length > 0)
      throw new StackPatchError(`'${name}' changes ${unknown.join(", ")}, which ${resource.address} has not; mend the patch`);
    resources[only] = { ...resource, attributes: { ...resource.attributes, ...changes } };
  }
  return { ...stack, resources };
}

const ownName = ({ bucket, function_name: functionName, name }: ObjectValue): unknown => name ?? functionName ?? bucket;
