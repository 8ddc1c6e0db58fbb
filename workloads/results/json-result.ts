import { z } from "zod";
import { MAXIMUM_RESULT_BYTES } from "../workload";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** An item of DynamoDB nests at most 32 levels, and readers in other languages have limits of their own. */
export const MAXIMUM_RESULT_DEPTH = 30;

/** @returns why a value can't be a file's result, undefined when it can */
export function resultProblem(value: unknown): string | undefined {
  if (!isShallow(value, MAXIMUM_RESULT_DEPTH)) return `the result nests more than ${MAXIMUM_RESULT_DEPTH} levels`;
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return "the result is nothing that JSON can hold";
  const bytes = Buffer.byteLength(text);
  return bytes > MAXIMUM_RESULT_BYTES ? `the result is ${bytes} bytes of JSON; ${MAXIMUM_RESULT_BYTES} are the most` : undefined;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

/** Any JSON that may be a result. */
export const jsonResultSchema: z.ZodType<Json> = z.custom<Json>((value) => resultProblem(value) === undefined, "is no result");

/** A result of any shape lies in the table as text: an item knows fewer numbers than JSON has. */
export const jsonItem = {
  toAttributes: (result: Json): Readonly<Record<string, unknown>> => ({ Result: JSON.stringify(result) }),
  fromAttributes: (attributes: Readonly<Record<string, unknown>>): Json => JSON.parse(String(attributes["Result"])) as Json,
};
