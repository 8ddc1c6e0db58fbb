/** The runs that the sources publish times of, by their letters there: a baseline and three others (requirements S1.84 to S1.97). */
export const COURSEWORK_RUN_NAMES = ["A", "B", "C", "D"] as const;

/** The variables that a run stands for. */
interface PublishedRun {
  readonly FILEMILL_SCALING: "simple" | "step";
  readonly FILEMILL_INSTANCE_TYPES: string[];
}

/** What each has otherwise than the next; all work on one file at a time on each instance, as the runs did. */
export const COURSEWORK_RUNS = {
  A: { FILEMILL_SCALING: "simple", FILEMILL_INSTANCE_TYPES: ["t2.micro"] },
  B: { FILEMILL_SCALING: "step", FILEMILL_INSTANCE_TYPES: ["t2.micro"] },
  C: { FILEMILL_SCALING: "step", FILEMILL_INSTANCE_TYPES: ["c5.large"] },
  D: { FILEMILL_SCALING: "step", FILEMILL_INSTANCE_TYPES: ["r5.large"] },
} satisfies Readonly<Record<(typeof COURSEWORK_RUN_NAMES)[number], PublishedRun>>;
