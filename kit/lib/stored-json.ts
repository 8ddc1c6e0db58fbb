import type { z } from "zod";
import { schemaProblem } from "./schema-problem";

/** What is stored of a batch is not what its writer promises. */
export class StoredFormatError extends Error {
  public override readonly name = "StoredFormatError";
  public readonly fix =
    "if the stack was deployed from another version of filemill, use that; else it was changed: `npx filemill verify BATCH` says what else";
}

/** A text is cut where it is quoted. */
const QUOTED_CHARACTERS = 80;

/**
 * Reads JSON that a stack has stored.
 *
 * @param where it lies: `s3://bucket/key:line`
 * @param what it is meant to be: `a file's result`
 * @throws StoredFormatError in one line
 */
export function parseStored<S extends z.ZodType>(schema: S, text: string, where: string, what: string): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new StoredFormatError(`${where} is not JSON: ${text.slice(0, QUOTED_CHARACTERS).replaceAll(/\s+/g, " ")}`, { cause: error });
  }
  return checkStored(schema, json, where, what);
}

/** As `parseStored`, for what is no text any more. @throws StoredFormatError */
export function checkStored<S extends z.ZodType>(schema: S, value: unknown, where: string, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new StoredFormatError(`${where} is not ${what}: ${schemaProblem(parsed.error)}`, { cause: parsed.error });
}
