import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { isForScaling, type MetricAlarm } from "../../../../kit/alarms/metric-alarm";
import { withTemporaryFolder } from "../../../../kit/folders/process-folder";
import { readStackFile, type StackFile } from "../../../../kit/graph/stack-file";
import { SETTINGS_VARIABLE } from "../../../../kit/function/function-environment";
import { synthesizeStacks } from "../../../../kit/graph/synthesize-stacks";
import type { ScaledGroup } from "../../../../kit/scaling/auto-scaling";
import { environmentIn, hasEnvironment } from "../../../../kit/lib/user-data";
import { evaluateInMemory } from "../../../../kit/simulator/stack/evaluate-stack";
import { StackModel } from "../../../../kit/simulator/stack/stack-model";
import { SYSTEM_NAME } from "../../contracts/names";
import type { CommandContext } from "../context";
import type { Run } from "./scenario";

/** What of a stack decides on its fleet's size. */
export interface RunStack {
  readonly group: ScaledGroup;
  readonly alarms: readonly MetricAlarm[];
  /** Of upload jobs. */
  readonly queueName: string;
  /** undefined: no orchestrator runs each minute */
  readonly jobsPerWorker: number | undefined;
  /** undefined: workers don't end themselves */
  readonly idleRetireSeconds: number | undefined;
}

/** Synthesizes the stack of a run, by the program that `cdktf deploy` runs. @throws SynthesisFailedError */
export async function stackOfRun({ environment, projectDirectory, signal }: CommandContext, run: Run): Promise<RunStack> {
  const file = await withTemporaryFolder(tmpdir(), "filemill-simulate-", async (folder) => {
    const files = await synthesizeStacks({
      environment,
      projectDirectory,
      outputDirectory: path.join(folder, "synth"),
      environmentName: run.environment,
      systems: [SYSTEM_NAME],
      variables: run.variables,
      signal,
    });
    return readStackFile(files[SYSTEM_NAME] ?? "");
  });
  return readRunStack(file);
}

const settingsSchema = z.looseObject({ jobsPerWorker: z.number() });

/** @throws RangeError for a stack without a fleet */
export function readRunStack(file: StackFile): RunStack {
  const model = new StackModel(evaluateInMemory(file, "."));
  const [group] = model.scaledGroups;
  // the launch template's script is in a local (constructs/compute/worker-template.ts); what it has of other resources is not looked at
  const [script] = Object.values(file.locals).filter((each) => typeof each === "string" && hasEnvironment(each));
  if (group === undefined || typeof script !== "string") throw new RangeError("the stack has no fleet");
  const worker = environmentIn(script);
  const orchestrate = model.functions.find(({ code }) => code === "orchestrate");
  const isEachMinute = model.schedules.some(
    ({ everySeconds, targets }) => everySeconds === 60 && targets.some(({ arn }) => arn === orchestrate?.arn),
  );
  const { jobsPerWorker } = settingsSchema.parse(JSON.parse(orchestrate?.environment[SETTINGS_VARIABLE] ?? "{}"));
  const idle = worker["IDLE_RETIRE_SECONDS"];
  return {
    group,
    alarms: model.alarms.filter(isForScaling),
    queueName: model.queueAt(z.string().parse(model.stack.outputs["jobs_queue_url"])).name,
    jobsPerWorker: isEachMinute ? jobsPerWorker : undefined,
    idleRetireSeconds: idle === undefined ? undefined : Number(idle),
  };
}
