import type { z } from "zod";
import { ProvisioningError } from "../errors";
import type { Clients } from "./clients";
import type { ObjectValue } from "./hcl/expression";
import { schemaProblem } from "../../lib/schema-problem";

/** What creating a resource may use. */
export interface ResourceContext {
  readonly clients: Clients;
  readonly region: string;
  readonly accountId: string;
  /** The stack's folder; file names in arguments are relative to it. */
  readonly directory: string;
}

/**
 * Creates a resource from its evaluated arguments.
 *
 * @param address Terraform address, for messages
 * @returns the attributes that others may refer to besides the arguments
 */
export type CreateResource = (given: ObjectValue, context: ResourceContext, address: string) => Promise<ObjectValue>;

/**
 * Defines a resource type by its arguments and the calls that create it.
 *
 * Arguments that the schema doesn't name are not sent to the emulator: tags, and what only Terraform itself reads.
 */
export const resourceType =
  <S extends z.ZodType>(schema: S, create: (values: z.output<S>, context: ResourceContext) => Promise<ObjectValue>): CreateResource =>
  async (given, context, address) => {
    const parsed = schema.safeParse(given);
    if (!parsed.success) {
      throw new ProvisioningError(
        address,
        `its arguments are not usable: ${schemaProblem(parsed.error)}`,
        "correct the construct that makes it",
      );
    }
    try {
      return await create(parsed.data, context);
    } catch (error) {
      const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new ProvisioningError(
        address,
        `the emulator refused it: ${problem}`,
        "correct the construct that makes it; if AWS takes it as it is, the emulator's limits are in docs/local-run.md",
        { cause: error },
      );
    }
  };

/** Only what has a value, as the SDK's types want it. */
export function present<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** A field that an answer of AWS always has. */
export function answered<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the answer has no ${what}`);
  return value;
}
