import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { printable } from "../../../../kit/lib/printable";
import { withCommandFolder } from "../../../../kit/cli/temporary-folder";
import { UsageError } from "../../../../kit/cli/command-errors";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import { UnbundledModuleError } from "../../../../workloads/module/bundle";
import { loadModule } from "../../../../workloads/module/load-module";
import { WorkloadUnusableError } from "../../../../workloads/workload";
import type { ArtefactSource } from "../../core/workloads/store-artefacts";
import type { CommandContext } from "../context";
import { lookAtBroughtFiles } from "./brought-files";
import { packNamedFiles } from "./named-files";
import { chooseWorkload, type ChosenWorkload } from "./choose-workload";
import type { WorkloadFlags } from "./workload-options";

/** A workload that is ready to be stored. */
export interface ReadyWorkload extends Pick<ChosenWorkload, "name" | "options"> {
  readonly files: readonly ArtefactSource[];
}

/** What is to be done with the files; all that can be wrong with it is found before anything is started. @throws UsageError */
export async function lookAtWorkload(context: CommandContext, flags: WorkloadFlags): Promise<ReadyWorkload> {
  const { files, module, name, options } = chooseWorkload(flags);
  if (module === undefined) {
    const exec = flags.archive === undefined ? flags.exec : undefined;
    const named = exec === undefined ? undefined : await packNamedFiles(context.workingDirectory, exec);
    if (named === undefined) return { name, options, files: await lookAtBroughtFiles(context.workingDirectory, files) };
    context.reporter.say(`the command brings along ${named.names.map((each) => printable(each)).join(", ")}`);
    return { name, options: { ...options, archive: true }, files: [{ name: "archive", content: named.archive }] };
  }
  context.reporter.wait("bundling the workload");
  const own = BoundWorkload.of(name, options).record.options["options"];
  try {
    const { code, hooks } = await withCommandFolder(context, (directory) =>
      loadModule(resolveFrom(context.workingDirectory, module), directory, own),
    );
    return { name, options: { ...options, cut: hooks.cut }, files: [{ name: "module", content: code }] };
  } catch (error) {
    if (error instanceof UnbundledModuleError) throw new UsageError(error.message, error.fix, { cause: error });
    if (error instanceof WorkloadUnusableError)
      throw new UsageError(`workload '${module}': ${error.message}`, `\`npx filemill workload check ${module}\` looks at it`, {
        cause: error,
      });
    throw error;
  }
}
