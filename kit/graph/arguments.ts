import { z } from "zod";

/** Terraform's arguments as it converts them: a number or flag may be written as text, and null means left out. */
const orAbsent = <S extends z.ZodType>(schema: S) => z.preprocess((given) => (given === null ? undefined : given), schema.optional());

const textSchema = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const wholeSchema = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/, "expected a whole number")
    .transform(Number),
]);
const numberSchema = z.union([z.number(), z.string().min(1).transform(Number).pipe(z.number())]);
const flagSchema = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]);

export const text = textSchema;
export const whole = wholeSchema;
export const decimal = numberSchema;
export const flag = flagSchema;
export const texts = z.array(textSchema);
export const textMap = z.record(z.string(), textSchema);

export const optionalText = orAbsent(textSchema);
export const optionalWhole = orAbsent(wholeSchema);
export const optionalDecimal = orAbsent(numberSchema);
export const optionalFlag = orAbsent(flagSchema);
export const optionalTexts = orAbsent(texts);
export const optionalTextMap = orAbsent(textMap);

/** A block that occurs at most once; cdktf writes it as an object or as a list of one. */
export const block = <S extends z.ZodType>(schema: S) =>
  z.preprocess((given: unknown) => (Array.isArray(given) ? firstOf(given) : given) ?? undefined, schema.optional());

/** A block that may occur several times. */
export const blocks = <S extends z.ZodType>(schema: S) => z.preprocess(listOf, z.array(schema));

const firstOf = (items: readonly unknown[]): unknown => items[0];

function listOf(given: unknown): readonly unknown[] {
  if (given === undefined || given === null) return [];
  return Array.isArray(given) ? (given as readonly unknown[]) : [given];
}
