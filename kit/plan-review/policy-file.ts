import { z } from "zod";
import { schemaProblem } from "../lib/schema-problem";

/** What a team settles for its reviews, in a file that is reviewed itself. */
export const policyFileSchema = z.strictObject({
  /** Tags that every resource that can have tags must have. @default none */
  requiredTags: z.array(z.string().min(1)).default([]),
  exceptions: z
    .array(
      z.strictObject({
        rule: z.string().min(1),
        /** The resource's address; `*` stands for any text. */
        address: z.string().min(1),
        /** Why it may be. */
        reason: z.string().min(10, "say why, in 10 characters at least"),
        /** The last day on which it holds, UTC: exceptions are looked at again. */
        until: z.iso.date(),
      }),
    )
    .default([]),
});
export type PolicyFile = z.output<typeof policyFileSchema>;
export type Exception = PolicyFile["exceptions"][number];
export type ReviewSettings = Pick<PolicyFile, "requiredTags">;

/** The file of exceptions can't be used. */
export class PolicyFileError extends Error {
  public override readonly name = "PolicyFileError";
}

/** @throws PolicyFileError for what is no policy, or names a rule that there is not */
export function readPolicy(given: unknown, rules: readonly string[]): PolicyFile {
  const parsed = policyFileSchema.safeParse(given);
  if (!parsed.success) throw new PolicyFileError(schemaProblem(parsed.error));
  for (const { rule } of parsed.data.exceptions)
    if (!rules.includes(rule)) throw new PolicyFileError(`there is no rule '${rule}'; there are ${rules.join(", ")}`);
  return parsed.data;
}
