import { z } from "zod";
import type { SynthesizedStack } from "../synth";

/** A dozen small files, so that a small set makes several chunks. */
const TARGET_CHUNK_BYTES = 1_048_576;

const planFunctionSchema = z.object({ environment: z.object({ variables: z.looseObject({ TARGET_CHUNK_BYTES: z.string() }) }) });

/** Makes a synthesized stack pack small chunks. Its leases stay: those of `local` bring back what a killed worker held in 10 s. */
export function packSmallChunks(stack: SynthesizedStack): void {
  const plans = Object.values(stack.resource["aws_lambda_function"] ?? {}).flatMap((body) => {
    const { success, data } = planFunctionSchema.safeParse(body);
    return success ? [{ body, variables: data.environment.variables }] : [];
  });
  if (plans.length !== 1) throw new Error(`${plans.length} functions of the stack have TARGET_CHUNK_BYTES; the plan alone should`);
  for (const { body, variables } of plans) {
    body["environment"] = { variables: { ...variables, TARGET_CHUNK_BYTES: String(TARGET_CHUNK_BYTES) } };
  }
}
