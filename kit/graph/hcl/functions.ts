import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { schemaProblem } from "../../lib/schema-problem";
import { cidrSubnet } from "./cidr";
import type { Value } from "./expression";

/** A Terraform function. `directory` is the stack's folder, where relative paths begin. Throws with what is wrong. */
export type TerraformFunction = (parameters: readonly Value[], directory: string) => Value;

const text = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const number = z.union([z.number(), z.string().min(1).transform(Number).pipe(z.number())], "expected a number");

const texts = z.array(text);

/** Checks the parameters as Terraform would convert them, then computes. */
function define<S extends z.ZodType>(parameters: S, compute: (values: z.output<S>, directory: string) => Value): TerraformFunction {
  return (given, directory) => {
    const parsed = parameters.safeParse(given);
    if (!parsed.success) throw new Error(schemaProblem(parsed.error));
    return compute(parsed.data, directory);
  };
}

const ofText = (compute: (data: string) => string): TerraformFunction => define(z.tuple([text]), ([data]) => compute(data));
const ofFile = (compute: (content: Buffer) => string): TerraformFunction =>
  define(z.tuple([text]), ([file], directory) => compute(readFileSync(path.resolve(directory, file))));
const sha256 = (data: string | Buffer, encoding: "hex" | "base64"): string => createHash("sha256").update(data).digest(encoding);

function element(items: readonly string[], index: number): string {
  // past the end it begins again; https://developer.hashicorp.com/terraform/language/functions/element
  const found = items[index % items.length];
  if (found === undefined) throw new Error("the list is empty, or the index negative");
  return found;
}

function substring([subject, offset, length]: readonly [string, number, number]): string {
  const characters = Array.from(subject);
  const start = offset < 0 ? characters.length + offset : offset;
  return characters.slice(start, length < 0 ? undefined : start + length).join("");
}

/** The functions that are synthesized; a test holds it. https://developer.hashicorp.com/terraform/language/functions */
export const FUNCTIONS: ReadonlyMap<string, TerraformFunction> = new Map<string, TerraformFunction>([
  ["base64encode", ofText((data) => Buffer.from(data).toString("base64"))],
  ["cidrsubnet", define(z.tuple([text, number, number]), ([prefix, bits, index]) => cidrSubnet(prefix, bits, index))],
  ["element", define(z.tuple([texts, number]), ([items, index]) => element(items, index))],
  ["filebase64sha256", ofFile((content) => sha256(content, "base64"))],
  ["filesha256", ofFile((content) => sha256(content, "hex"))],
  ["sha256", ofText((data) => sha256(data, "hex"))],
  ["substr", define(z.tuple([text, number, number]), substring)],
]);
