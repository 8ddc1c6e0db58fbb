import { z } from "zod";
import { BoundWorkload, UnknownWorkloadError, WorkloadOptionsError } from "../../../workloads/bound-workload";
import { workloadRecordSchema } from "../../../workloads/record";

/** A workload by name with its options, all of them with their values: what is deployed is what is written. */
export const uploadWorkloadSchema = workloadRecordSchema.pick({ name: true, options: true }).transform(({ name, options }, context) => {
  try {
    const bound = BoundWorkload.of(name, options);
    if (!bound.makesOutputs) return { name, options: bound.record.options };
    context.issues.push({
      code: "custom",
      message: `${name} makes outputs, which files of the upload path have no place for`,
      input: name,
    });
  } catch (error) {
    if (!(error instanceof UnknownWorkloadError || error instanceof WorkloadOptionsError)) throw error;
    context.issues.push({ code: "custom", message: `${error.message}; ${error.fix}`, input: name });
  }
  return z.NEVER;
});
