import { z } from "zod";
import { ENVIRONMENT_NAMES } from "./environment-names";
import { hardeningShape } from "../../../kit/config/hardening";
import { deploymentShape } from "../../../kit/config/deployment";
import { observabilitySchema } from "../../../kit/config/observability";
import { CLAIM_SECONDS } from "../core/take-upload";

export const environmentSchema = z.strictObject({
  name: z.enum(ENVIRONMENT_NAMES),
  ...deploymentShape,
  observability: observabilitySchema,
  ...hardeningShape,
  logRetentionDays: z.int().min(1),
  /** Days an overwritten or deleted upload is kept. */
  noncurrentVersionDays: z.int().min(1),
  queues: z.strictObject({
    /** How long a received message stays hidden from other consumers. */
    visibilityTimeoutSeconds: z.int().min(1).max(43_200),
    /** Receives of a message before it goes to the dead-letter queue. */
    maximumReceives: z.int().min(1).max(1_000),
    retentionSeconds: z.int().min(60).max(1_209_600),
  }),
  classify: z.strictObject({
    memoryMebibytes: z.int().min(128).max(10_240),
    /** No longer than its claim of an upload lasts. */
    timeoutSeconds: z.int().min(3).max(CLAIM_SECONDS),
    ephemeralStorageMebibytes: z.int().min(512).max(10_240),
  }),
});
export type EnvironmentConfig = z.output<typeof environmentSchema>;
export type EnvironmentInput = z.input<typeof environmentSchema>;
