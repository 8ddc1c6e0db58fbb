import { z } from "zod";

/**
 * What a deployed stack tells its users: the Terraform outputs of `stacks/batch`, by these names. `filemill` reads them from
 * the local run's state or from `terraform output -json`.
 */
export const stackOutputsSchema = z.object({
  region: z.string(),
  uploading_bucket: z.string(),
  processing_bucket: z.string(),
  state_bucket: z.string(),
  /** Buckets that batches may read, the uploading bucket among them. */
  source_buckets: z.array(z.string()),
  jobs_queue_url: z.string(),
  chunks_queue_url: z.string(),
  results_queue_url: z.string(),
  jobs_dead_letters_url: z.string(),
  chunks_dead_letters_url: z.string(),
  results_dead_letters_url: z.string(),
  results_table: z.string(),
  ledger_table: z.string(),
  state_machine_arn: z.string(),
  worker_role_arn: z.string(),
});
export type StackOutputs = z.output<typeof stackOutputsSchema>;
export const STACK_OUTPUT_NAMES = Object.keys(stackOutputsSchema.shape) as (keyof StackOutputs)[];
