import { z } from "zod";

const seconds = z.number().min(0).max(86_400);

const assumed = {
  /** From a launch until Auto Scaling counts the instance as in service. */
  secondsToInService: seconds,
  /** From a launch until its worker takes the first message. */
  secondsToWork: seconds,
  /** Messages that a worker takes beside those it works on. */
  receivesAhead: z.int().min(0).max(1_000),
  /** How long a message stays away that its worker doesn't give back. */
  visibilitySeconds: z.number().min(1).max(43_200),
  /** Second of the minute at which the load comes; alarms are evaluated as it ends. */
  secondOfMinute: z.number().min(0).max(59),
  /** How late a metric is in an alarm. */
  metricDelaySeconds: z.number().min(0).max(3_600),
};
/** What a scenario takes for granted: each is a number that somebody may doubt, so each is said. */
const assumptionsSchema = z.strictObject(assumed);
export type Assumptions = z.output<typeof assumptionsSchema>;

const machineSchema = z.strictObject({
  /** Files at a time. */
  slots: z.int().min(1).max(256).default(1),
  /** Of a slot; `fit`: so that the published seconds of its runs come out, with one rate for all of them. */
  secondsPerFile: z.union([z.literal("fit"), z.number().gt(0).max(86_400)]),
  /** Which price of the price list it has. */
  market: z.enum(["on-demand", "spot"]).default("on-demand"),
  /** Whether a public address is paid for, too. */
  hasAddress: z.boolean().default(false),
  /** US dollars an hour, with all that an instance needs. @default by the price list, for the instance type that it is called by */
  hourUsd: z.number().min(0).max(1_000).optional(),
  /** Of burstable types. */
  credits: z.strictObject({ atLaunch: z.number().min(0), baseline: z.number().gt(0).max(1) }).optional(),
});
export type Machine = z.output<typeof machineSchema>;

const runSchema = z.strictObject({
  run: z.string().min(1).max(40),
  /** Whose stack it runs on: group, policies, alarms, orchestrator and retirement are as they are synthesized. */
  environment: z.string().min(1),
  /** Of the synthesis (`FILEMILL_*`). */
  variables: z.record(z.string().startsWith("FILEMILL_"), z.string()).default({}),
  /** One of `machines`. */
  machine: z.string().min(1),
  /** Until the last file was done, as somebody measured it. */
  publishedSeconds: z.number().gt(0).optional(),
});
export type Run = z.output<typeof runSchema>;

/** A scenario file of `filemill simulate`: one load, on several fleets. */
export const scenarioSchema = z
  .strictObject({
    name: z.string().min(1).max(80),
    description: z.string().max(1_000).default(""),
    files: z.int().min(1).max(10_000_000),
    bytesPerFile: z.int().min(0),
    /** Files that come in a second at most. @default all at once */
    filesPerSecond: z.number().gt(0).optional(),
    assumptions: assumptionsSchema,
    machines: z.record(z.string(), machineSchema),
    runs: z.array(runSchema).min(1).max(100),
    /** The same runs with other assumptions, at the rates that were fitted. */
    sensitivities: z
      .array(z.strictObject({ name: z.string().min(1).max(80), assumptions: assumptionsSchema.partial() }))
      .max(100)
      .default([]),
  })
  .superRefine(({ machines, runs }, context) => {
    const names = new Set<string>();
    for (const [index, { machine, run }] of runs.entries()) {
      const problem = (field: string, message: string): void => {
        context.addIssue({ code: "custom", path: ["runs", index, field], message });
      };
      if (machines[machine] === undefined) problem("machine", `'${machine}' is none of machines: ${Object.keys(machines).join(", ")}`);
      if (names.has(run)) problem("run", `there are two runs '${run}'`);
      names.add(run);
    }
    for (const [name, { secondsPerFile }] of Object.entries(machines)) {
      const isMeasured = runs.some(({ machine, publishedSeconds }) => machine === name && publishedSeconds !== undefined);
      if (secondsPerFile === "fit" && !isMeasured)
        context.addIssue({
          code: "custom",
          path: ["machines", name, "secondsPerFile"],
          message: "no run of it has publishedSeconds to fit it to",
        });
    }
  });
export type Scenario = z.output<typeof scenarioSchema>;
