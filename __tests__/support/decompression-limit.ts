import { z } from "zod";
import type { SynthesizedStack } from "./synth";

const USER_DATA_LIMIT = /^DECOMPRESSION_LIMIT_MIB=\d+$/m;
const functionSchema = z.object({ environment: z.object({ variables: z.looseObject({ DECOMPRESSION_LIMIT_MIB: z.string() }) }) });

/** Lowers what a gzip file may unpack to, for the workers and for the Lambdas of a synthesized stack. */
export const limitDecompression =
  (mebibytes: number) =>
  (stack: SynthesizedStack): void => {
    const limit = String(mebibytes);
    for (const [name, text] of Object.entries(stack.locals)) {
      stack.locals[name] = text.replace(USER_DATA_LIMIT, `DECOMPRESSION_LIMIT_MIB=${limit}`);
    }
    for (const body of Object.values(stack.resource["aws_lambda_function"] ?? {})) {
      const { success, data } = functionSchema.safeParse(body);
      if (success) body["environment"] = { variables: { ...data.environment.variables, DECOMPRESSION_LIMIT_MIB: limit } };
    }
  };
