import { z } from "zod";

/** What a batch brings along for its workload: a file in `batch-state`, named by its content. */
export const artefactSchema = z.object({
  /** What the workload asks for it by, such as `archive`. */
  name: z.string().min(1),
  key: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
});
export type Artefact = z.output<typeof artefactSchema>;

/** What is done with a batch's files, as its row says it: for good, whatever is deployed later. */
export const workloadRecordSchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  /** First 16 hexadecimal digits of the SHA-256 of the workload's code; with a user's own module or archive, of that too. */
  version: z.string().min(1),
  /** Checked by the workload's own schema. */
  options: z.record(z.string(), z.unknown()),
  /** @default none */
  artefacts: z.array(artefactSchema).optional(),
});
export type WorkloadRecord = z.output<typeof workloadRecordSchema>;
