import type { CommandContext } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { addDrillRedeploy } from "./drill-redeploy";
import { addDrillRestore } from "./drill-restore";

export function addDrill(program: Verb, context: CommandContext): void {
  const drill = program
    .command("drill")
    .withExamples([["npx filemill drill restore --dry-run", "what it would restore, and for how much"], ["npx filemill drill redeploy"]]);
  addDrillRestore(drill, context);
  addDrillRedeploy(drill, context);
}
