import { z } from "zod";
import type { Json } from "../results/json-result";

/** Heaps that a module may get, in MiB: V8's limit of its old generation. The process has some 128 MiB beside it. */
export const MEMORY_CLASSES_MEBIBYTES = [128, 512, 2_048] as const;
export type MemoryClass = (typeof MEMORY_CLASSES_MEBIBYTES)[number];
export const memoryClassSchema = z.union(MEMORY_CLASSES_MEBIBYTES.map((mebibytes) => z.literal(mebibytes)));

/** As for a command: tried once more within the 12 hours that SQS keeps a message hidden at most. */
const MAXIMUM_TIME_LIMIT_SECONDS = 18_000;

/** What the module workload may be asked for. */
export const moduleOptionsSchema = z.strictObject({
  /** The module's own options, which it checks itself. */
  options: z.record(z.string(), z.json()).default({}),
  /** The module's `cut`, as it was when it was bundled: planners don't run modules. */
  cut: z.enum(["never", "lines", "words"]).default("never"),
  /** For one file and for each step of adding up, in seconds. @default 300 - far more than most take, and an end to what hangs */
  timeLimitSeconds: z.number().min(0.05).max(MAXIMUM_TIME_LIMIT_SECONDS).default(300),
  /** A file that runs out of memory is tried once more in the next class. @default 128 - streaming needs no more, and eight fit anywhere */
  memoryClassMebibytes: memoryClassSchema.default(128),
  /** For a file's outputs, in MiB. @default 1024 - as for a command */
  diskLimitMebibytes: z.int().min(1).max(102_400).default(1_024),
});

export type ModuleOptions = z.output<typeof moduleOptionsSchema>;
export type ModuleOwnOptions = Readonly<Record<string, Json>>;
