import type { z } from "zod";
import { ProvisioningError } from "../../graph/errors";
import type { EvaluatedResource } from "../../graph/evaluated-stack";
import type { ObjectValue } from "../../graph/hcl/expression";
import { schemaProblem } from "../../lib/schema-problem";

/** A resource type as the simulator has it in memory. */
export interface MemoryType<T = unknown> {
  /** Arguments that the simulator reads. */
  readonly reads: readonly string[];
  /** Arguments that it does without, each with the reason (invariant 10). */
  readonly ignores: Readonly<Record<string, string>>;
  readonly attributes: (given: ObjectValue, address: string) => ObjectValue;
  /** What services in memory are made from. @throws ProvisioningError for arguments that the simulator can't honour */
  readonly read: (resource: EvaluatedResource) => T;
}

/** @param attributes what AWS adds to the arguments; part of what is read */
export function memoryType<A extends z.ZodRawShape, T>(definition: {
  readonly arguments: z.ZodObject<A>;
  readonly attributes?: (given: z.output<z.ZodObject<A>>, address: string) => ObjectValue;
  readonly describe: (given: z.output<z.ZodObject<A>>, attributes: ObjectValue) => T;
  readonly ignores?: Readonly<Record<string, string>>;
}): MemoryType<T> {
  const { arguments: schema, attributes = () => ({}), describe, ignores = {} } = definition;
  // one resource is read once, however many worlds are made of it
  const known = new WeakMap<EvaluatedResource, T>();
  const parse = (given: ObjectValue, address: string): z.output<z.ZodObject<A>> => {
    const parsed = schema.safeParse(given);
    if (parsed.success) return parsed.data;
    throw new ProvisioningError(
      address,
      `the simulator can't honour its arguments: ${schemaProblem(parsed.error)}`,
      "teach kit/simulator/stack/types about them, or correct the construct that makes it",
    );
  };
  return {
    reads: Object.keys(schema.shape),
    ignores,
    attributes: (given, address) => attributes(parse(given, address), address),
    read: (resource) => {
      const before = known.get(resource);
      if (before !== undefined) return before;
      const read = describe(parse(resource.attributes, resource.address), resource.attributes);
      known.set(resource, read);
      return read;
    },
  };
}
