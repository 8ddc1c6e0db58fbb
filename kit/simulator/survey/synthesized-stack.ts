import { tmpdir } from "node:os";
import path from "node:path";
import { withTemporaryFolder } from "../../folders/process-folder";
import type { EvaluatedStack } from "../../graph/evaluated-stack";
import { readStackFile } from "../../graph/stack-file";
import { synthesizeStacks, type SynthesisOptions } from "../../graph/synthesize-stacks";
import { evaluateInMemory } from "../stack/evaluate-stack";
import type { SimulateEnvironment } from "./simulation";

/** What worlds run where nothing else is said. */
const ENVIRONMENT = "dev";

/**
 * Synthesizes a system's environment by the same program that `cdktf deploy` runs, and evaluates it with services in memory.
 *
 * @throws SynthesisFailedError, and ProvisioningError for what the simulator can't honour
 */
export async function synthesizeStack(
  system: string,
  given: Pick<SimulateEnvironment, "environment" | "projectDirectory">,
  { environmentName = ENVIRONMENT, variables = {} }: Pick<Partial<SynthesisOptions>, "environmentName" | "variables"> = {},
): Promise<EvaluatedStack> {
  return withTemporaryFolder(tmpdir(), "filemill-simulator-", async (folder) => {
    // cdktf's own folder: it holds what is synthesized and nothing else
    const outputDirectory = path.join(folder, "synth");
    const { environment, projectDirectory } = given;
    const files = await synthesizeStacks({
      environment,
      projectDirectory,
      outputDirectory,
      environmentName,
      systems: [system],
      variables,
    });
    const file = files[system] ?? "";
    return evaluateInMemory(await readStackFile(file), path.dirname(file));
  });
}
