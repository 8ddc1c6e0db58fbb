import { z } from "zod";
import { SETTINGS_VARIABLE } from "../../kit/function/function-environment";
import type { SynthesizedStack } from "./synth";

const USER_DATA_LIMIT = /^DECOMPRESSION_LIMIT_MIB=\d+$/m;
const functionSchema = z.object({ environment: z.object({ variables: z.looseObject({ [SETTINGS_VARIABLE]: z.string() }) }) });
const settingsSchema = z.looseObject({ decompressionLimitMebibytes: z.number() });

/** Lowers what a gzip file may unpack to, for workers and Lambdas of a synthesized stack. @throws Error when it lacks either */
export const limitDecompression =
  (mebibytes: number) =>
  (stack: SynthesizedStack): void => {
    const limit = String(mebibytes);
    const workers = Object.entries(stack.locals).filter(([, text]) => USER_DATA_LIMIT.test(text));
    for (const [name, text] of workers) stack.locals[name] = text.replace(USER_DATA_LIMIT, `DECOMPRESSION_LIMIT_MIB=${limit}`);
    let functions = 0;
    for (const body of Object.values(stack.resource["aws_lambda_function"] ?? {})) {
      const described = functionSchema.safeParse(body);
      if (!described.success) continue;
      const { variables } = described.data.environment;
      const settings = settingsSchema.safeParse(JSON.parse(variables[SETTINGS_VARIABLE]));
      if (!settings.success) continue;
      const lowered = JSON.stringify({ ...settings.data, decompressionLimitMebibytes: mebibytes });
      body["environment"] = { variables: { ...variables, [SETTINGS_VARIABLE]: lowered } };
      functions += 1;
    }
    if (workers.length === 0 || functions === 0)
      throw new Error(`${workers.length} programs of workers and ${functions} functions have a limit of what gzip may unpack to`);
  };
