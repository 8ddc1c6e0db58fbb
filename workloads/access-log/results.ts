import { z } from "zod";

const count = z.int().min(0);
export const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"] as const;

export const logFactsSchema = z.object({
  requests: count,
  /** Of all responses' bodies. */
  bytes: count,
  statuses: z.record(z.enum(STATUS_CLASSES), count),
  /** Lines that are none of the two formats; empty ones don't count. */
  unparsableLines: count,
  /** The beginning of the first of them. */
  firstUnparsable: z.string().optional(),
});
export type LogFacts = z.output<typeof logFactsSchema>;

const rankedSchema = z.object({ name: z.string(), requests: z.int().min(1) });

export const logResultSchema = logFactsSchema.extend({
  distinctPaths: count,
  distinctClients: count,
  /** Most requested first, then by code points. */
  paths: z.array(rankedSchema),
  clients: z.array(rankedSchema),
});
export type LogResult = z.output<typeof logResultSchema>;

export const logTotalSchema = logResultSchema.extend({ files: count });
export type LogTotal = z.output<typeof logTotalSchema>;

export const noFacts = (): LogFacts => ({
  requests: 0,
  bytes: 0,
  statuses: { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0, other: 0 },
  unparsableLines: 0,
});

/** @param b comes after `a` */
export const addFacts = (a: LogFacts, b: LogFacts): LogFacts => {
  const first = a.firstUnparsable ?? b.firstUnparsable;
  const statuses = { ...a.statuses };
  for (const each of STATUS_CLASSES) statuses[each] += b.statuses[each];
  return {
    requests: a.requests + b.requests,
    bytes: a.bytes + b.bytes,
    statuses,
    unparsableLines: a.unparsableLines + b.unparsableLines,
    ...(first === undefined ? {} : { firstUnparsable: first }),
  };
};
