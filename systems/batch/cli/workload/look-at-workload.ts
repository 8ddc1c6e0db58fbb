import type { CommandContext } from "../context";
import { lookAtBroughtFiles } from "./brought-files";
import { chooseWorkload, type ChosenWorkload } from "./choose-workload";
import type { WorkloadFlags } from "./workload-options";

/** What is to be done with the files; all that can be wrong with it is found before anything is started. @throws UsageError */
export async function lookAtWorkload(
  { workingDirectory }: Pick<CommandContext, "workingDirectory">,
  flags: WorkloadFlags,
): Promise<ChosenWorkload> {
  const chosen = chooseWorkload(flags);
  return { ...chosen, files: await lookAtBroughtFiles(workingDirectory, chosen.files) };
}
