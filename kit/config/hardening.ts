import { z } from "zod";

/** CloudWatch's and S3's longest that anybody asks for: ten years. */
const MAXIMUM_DAYS = 3_653;

/** What the configuration of every system says of how hard it is to harm, beside `deploymentShape`. For a `z.strictObject`. */
export const hardeningShape = {
  /** Tables and vaults refuse deletion, and buckets too while they hold something; Terraform refuses to delete or replace any store. */
  protectData: z.boolean(),
  /**
   * Days that S3's access logs and the network's flow logs are kept, in a bucket of their own.
   *
   * @default none is written - what they cost grows with use: $0.25 a GB of flow logs, and what S3 takes to store them
   */
  auditLogDays: z.int().min(1).max(MAXIMUM_DAYS).optional(),
  /**
   * Days that a monthly copy of each table is kept by AWS Backup: $0.10 a GB and month for each.
   *
   * @default none is made - point-in-time recovery has the last 35 days
   */
  backupDays: z.int().min(1).max(MAXIMUM_DAYS).optional(),
} as const;
