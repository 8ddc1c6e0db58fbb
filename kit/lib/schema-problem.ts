import { z } from "zod";

/** Problems that are told in one line; who mends these sees the next. */
const TOLD_PROBLEMS = 5;

/**
 * What a schema has against a value: each problem as `place: what is wrong there`.
 *
 * @param value what was checked: then a problem also says what was there. @default it does not: it may be a secret
 */
export const schemaProblems = ({ issues }: z.core.$ZodError, value?: unknown): string[] =>
  issues.map(({ message, path }) => {
    const place = path.length === 0 ? "" : `${z.core.toDotPath(path)}${told(valueAt(value, path))}: `;
    return (place + message).replaceAll(/\s+/g, " ");
  });

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined), value);

/** Lists and objects are too long to be told. */
function told(value: unknown): string {
  if (typeof value === "string") return ` is '${value}'`;
  return typeof value === "number" || typeof value === "boolean" ? ` is ${value}` : "";
}

/** The same in one line, however much it is. */
export function schemaProblem(error: z.core.$ZodError): string {
  const problems = schemaProblems(error);
  const untold = problems.length - TOLD_PROBLEMS;
  return [...problems.slice(0, TOLD_PROBLEMS), ...(untold > 0 ? [`and ${untold} more`] : [])].join("; ");
}
