import type { z } from "zod";
import { ProvisioningError } from "../errors";
import type { ObjectValue } from "../../graph/hcl/expression";
import { schemaProblem } from "../../lib/schema-problem";
import type { Clients } from "./clients";

/** What creating a resource may use. */
export interface ResourceContext {
  readonly clients: Clients;
  readonly region: string;
  readonly accountId: string;
  /** The stack's folder; file names in arguments are relative to it. */
  readonly directory: string;
}

/** What happens in a local run instead of what AWS does, and why that is all right or where the real behaviour is proven. */
export interface Instead {
  readonly instead: string;
  readonly reason: string;
}

/** What a local run doesn't carry out of a type (invariant 10). */
export interface NotHonoured {
  /** The type itself. */
  readonly type?: Instead;
  /** Arguments of it. */
  readonly arguments?: Readonly<Record<string, Instead>>;
}

/** A type of resources, or of data sources, as a local run makes them. */
export interface ResourceType {
  /**
   * Creates a resource from its evaluated arguments.
   *
   * @param address Terraform address, for messages
   * @returns the attributes that others may refer to besides the arguments
   */
  readonly create: (given: ObjectValue, context: ResourceContext, address: string) => Promise<ObjectValue>;
  /**
   * Changes a resource of the same address to other arguments, in place.
   *
   * @default the type can't be changed: it stays as it was made
   */
  readonly update?: ResourceType["create"];
  readonly notHonoured: NotHonoured;
}

/**
 * Defines a resource type by its arguments and the calls that create it.
 *
 * Arguments that the schema doesn't name are not sent to the emulator: tags, and what only Terraform itself reads.
 *
 * @param notHonoured what AWS does and the local run doesn't. @default the type is carried out as it is synthesized
 * @param update calls that change one in place. @default it stays as it was made
 */
export const resourceType = <S extends z.ZodType>(
  schema: S,
  create: Carry<S>,
  notHonoured: NotHonoured = {},
  update?: Carry<S>,
): ResourceType => ({
  notHonoured,
  create: carried(schema, create),
  ...(update === undefined ? {} : { update: carried(schema, update) }),
});

/** Calls that create or change a resource. @returns the attributes that others may refer to besides the arguments */
type Carry<S extends z.ZodType> = (values: z.output<S>, context: ResourceContext) => Promise<ObjectValue>;

const carried =
  <S extends z.ZodType>(schema: S, carry: Carry<S>): ResourceType["create"] =>
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
      return await carry(parsed.data, context);
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

/** A type of which the emulator only keeps a record. */
export const recorded = (reason: string): { readonly type: Instead } => ({
  type: { instead: "the emulator keeps a record of it", reason },
});

/** Only what has a value, as the SDK's types want it. */
export function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** A field that an answer of AWS always has. */
export function answered<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the answer has no ${what}`);
  return value;
}
