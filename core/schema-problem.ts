import { z } from "zod";

/** Problems that are told; who mends these sees the next. */
const TOLD_PROBLEMS = 5;

/** What a schema has against a value, in one line, however much that is: `"region" is missing`'s place is at the end of each. */
export function schemaProblem(error: z.core.$ZodError): string {
  const told = z.prettifyError(new z.ZodError(error.issues.slice(0, TOLD_PROBLEMS)));
  const untold = error.issues.length - TOLD_PROBLEMS;
  return `${told.replaceAll(/\s+/g, " ")}${untold > 0 ? ` and ${untold} more` : ""}`;
}
