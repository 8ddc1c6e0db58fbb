import { z } from "zod";
import { ENVIRONMENT_NAMES, type EnvironmentName } from "./environment-names";
import { EGRESS_KINDS } from "./schema";

/** The variables that `synth` reads; what is absent keeps the environment's own value. */
export const overridesSchema = z.object({
  /** @default dev - the one to experiment with */
  FILEMILL_ENVIRONMENT: z
    .enum(ENVIRONMENT_NAMES, {
      error: ({ input }) => `there is no environment ${JSON.stringify(input)}; there are ${ENVIRONMENT_NAMES.join(", ")}`,
    })
    .default("dev" satisfies EnvironmentName),
  FILEMILL_OWNER: z.string().min(1).optional(),
  FILEMILL_BUCKET_PREFIX: z.string().min(1).optional(),
  FILEMILL_NAME_PREFIX: z.string().optional(),
  FILEMILL_REGION: z.string().min(1).optional(),
  /** Buckets that batches may read, separated by commas. */
  FILEMILL_SOURCE_BUCKETS: z
    .string()
    .min(1)
    .transform((text) => text.split(",").map((name) => name.trim()))
    .optional(),
  FILEMILL_EGRESS: z.enum(EGRESS_KINDS).optional(),
  FILEMILL_AMI_ID: z.string().optional(),
  /** `coursework` only: the policy as built, or the optimised one. */
  FILEMILL_SCALING: z.enum(["simple", "step"]).optional(),
  /** Bucket of the Terraform state; without it the state is a file beside the stack. */
  FILEMILL_TERRAFORM_STATE_BUCKET: z.string().optional(),
});
export type Overrides = z.output<typeof overridesSchema>;
