import { z } from "zod";

/** What a deployed stack tells its users: the Terraform outputs of `systems/bootstrap/stack`, by these names. */
export const stackOutputsSchema = z.object({
  region: z.string(),
  /** For FILEMILL_TERRAFORM_STATE_BUCKET. */
  state_bucket: z.string(),
  /** For AWS_PLAN_ROLE_ARN. */
  plan_role_arn: z.string(),
  /** By environment, for its AWS_DEPLOY_ROLE_ARN. */
  deploy_role_arns: z.record(z.string(), z.string()),
  boundary_arn: z.string(),
});
export type StackOutputs = z.output<typeof stackOutputsSchema>;
