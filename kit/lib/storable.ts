import type { z } from "zod";
import { schemaProblem } from "./schema-problem";

/** A document was about to be stored that its own readers would refuse: a mistake of the program. Nothing was stored. */
export class UnstorableError extends Error {
  public override readonly name = "UnstorableError";
  public readonly fix = "nothing was stored; report it with this message, since no input should come to this";
  public constructor(what: string, problem: z.ZodError) {
    super(`${what} is not stored, for nobody could read it: ${schemaProblem(problem)}`);
  }
}

/** The value as it is, if the schema that reads it takes it. @throws UnstorableError */
export function storable<S extends z.ZodType>(schema: S, value: z.output<S>, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return value;
  throw new UnstorableError(what, parsed.error);
}
