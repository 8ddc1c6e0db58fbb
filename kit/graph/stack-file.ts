import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ProvisioningError } from "./errors";
import type { Value } from "./hcl/expression";
import { schemaProblem } from "../lib/schema-problem";

const value: z.ZodType<Value> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(value), z.record(z.string(), value)]),
);
const body = z.record(z.string(), value);
const byTypeAndName = z.record(z.string(), z.record(z.string(), body)).default({});

/** cdk.tf.json: Terraform's JSON syntax. https://developer.hashicorp.com/terraform/language/syntax/json */
export const stackFileSchema = z.object({
  resource: byTypeAndName,
  data: byTypeAndName,
  locals: body.default({}),
  output: z.record(z.string(), z.object({ value })).default({}),
});
export type StackFile = z.output<typeof stackFileSchema>;
export type Body = z.output<typeof body>;

/** @throws ProvisioningError when the file can't be read or is none */
export async function readStackFile(file: string): Promise<StackFile> {
  const fix = "synthesize it again (npm run synth), or give another --stack-file";
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new ProvisioningError(file, error instanceof Error ? error.message : String(error), fix, { cause: error });
  }
  const parsed = stackFileSchema.safeParse(json);
  if (!parsed.success) throw new ProvisioningError(file, `it is no Terraform JSON file: ${schemaProblem(parsed.error)}`, fix);
  return parsed.data;
}
