import { z } from "zod";
import { SYSTEM_NAME } from "./names";
import { ingestSchema } from "./upload-events";

/** What the configuration asks of the account's quotas when all of it is at work (systems/batch/config/quota-needs.ts). */
export const configuredNeedsSchema = z.object({
  /** Of the function with the most memory. */
  largest_function_mebibytes: z.number(),
  /** Chunks that one batch works on in Lambda at a time. */
  lambda_concurrency: z.number(),
  /** Kept for all batches' chunks in Lambda together, and their bound; 0: none is kept, they share the account's. */
  reserved_lambda_concurrency: z.number(),
  maximum_open_batches: z.number(),
  /** Of the largest instance type that the group may launch. */
  vcpus_per_instance: z.number(),
  spot_vcpus: z.number(),
  on_demand_vcpus: z.number(),
});
export type ConfiguredNeeds = z.output<typeof configuredNeedsSchema>;

/**
 * What a deployed stack tells its users: the Terraform outputs of `systems/batch/stack`, by these names. `filemill` reads them from
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
  /** Where chunks wait for on-demand capacity; absent where none do. */
  on_demand_chunks_queue_url: z.string().optional(),
  results_queue_url: z.string(),
  jobs_dead_letters_url: z.string(),
  chunks_dead_letters_url: z.string(),
  results_dead_letters_url: z.string(),
  results_table: z.string(),
  ledger_table: z.string(),
  state_machine_arn: z.string(),
  /** Of CloudWatch: what workers say of errors. */
  worker_log_group: z.string(),
  worker_role_arn: z.string(),
  /** The fleet's. */
  auto_scaling_group: z.string(),
  /** Who is told of uploads. */
  ingest: ingestSchema,
  configured: configuredNeedsSchema,
});
export type StackOutputs = z.output<typeof stackOutputsSchema>;
/** By which a stack's outputs are found among those of a local run. */
export const BATCH_OUTPUTS = { name: SYSTEM_NAME, outputs: stackOutputsSchema } as const;
/** The batch system's among the outputs of several. @throws ZodError when it is not part of them */
export const batchOutputs = (outputs: Readonly<Record<string, unknown>>): StackOutputs => stackOutputsSchema.parse(outputs[SYSTEM_NAME]);
export const STACK_OUTPUT_NAMES = Object.keys(stackOutputsSchema.shape) as (keyof StackOutputs)[];
/** The account that a stack is in: `arn:aws:iam::123456789012:role/...` */
export const accountOf = ({ worker_role_arn: arn }: Pick<StackOutputs, "worker_role_arn">): string => arn.split(":")[4] ?? "";
