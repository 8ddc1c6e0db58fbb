import { z } from "zod";
import { backgroundStackSchema } from "./up-file";

/** First message to the supervisor: what it is to start. */
export const supervisorOrderSchema = z.object({
  projectDirectory: z.string(),
  homeDirectory: z.string(),
  /** The supervisor knows the systems; it is told which. */
  systems: z.array(z.object({ name: z.string(), stackFile: z.string() })),
  processes: z.record(z.string(), z.int().min(0)),
  port: z.int().optional(),
  programFiles: z.record(z.string(), z.string()).optional(),
  nodeFile: z.string().optional(),
  drainTimeoutMs: z.int().optional(),
  replaceLostWorkers: z.boolean().optional(),
  sizing: z.enum(["fixed", "elastic", "synthesized"]).optional(),
  timeFactor: z.number().optional(),
});
export type SupervisorOrder = z.output<typeof supervisorOrderSchema>;

/** What the supervisor tells whoever started it. */
export const supervisorReportSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("stage"), stage: z.string() }),
  z.object({ kind: z.literal("ready"), stack: backgroundStackSchema }),
  z.object({ kind: z.literal("failed"), message: z.string(), fix: z.string() }),
]);
export type SupervisorReport = z.output<typeof supervisorReportSchema>;
