import { z } from "zod";

/**
 * A variable's value, checked by itself: what is wrong names the variable, its value and what it may be. What doesn't fit the rest of the
 * configuration is found afterwards, by the environment's schema.
 *
 * @param expected what the value must be, for the message
 */
export const variable = <S extends z.ZodType>(schema: S, expected: string) =>
  z
    .string()
    .transform((text, context): z.output<S> => {
      const parsed = schema.safeParse(text.trim());
      if (parsed.success) return parsed.data;
      context.addIssue({ code: "custom", message: `must be ${expected}; set it so, or unset it` });
      return z.NEVER;
    })
    .optional();

export const countVariable = (minimum: number, maximum: number) =>
  variable(
    z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(minimum).max(maximum)),
    `a whole number from ${minimum} to ${maximum}`,
  );

/** One word of a few. */
export const choiceVariable = <const Words extends readonly string[]>(words: Words) =>
  variable(z.enum(words), `one of ${words.join(", ")}`);

/** Parts between commas; none is empty. */
export const commaSeparated = (part: z.ZodType<string, string>, minimum: number, maximum: number) =>
  z
    .string()
    .transform((text) => text.split(",").map((each) => each.trim()))
    .pipe(z.array(part).min(minimum).max(maximum));

/** FILEMILL_ENVIRONMENT of a system that has these environments. */
export const environmentVariable = <Name extends string>(names: readonly [Name, ...Name[]]) =>
  z.enum(names, { error: ({ input }) => `there is no environment ${JSON.stringify(input)}; there are ${names.join(", ")}` });
