import type { CommandContext } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { addQuarantineList } from "./quarantine-list";
import { addQuarantineReplay } from "./quarantine-replay";
import { addQuarantineShow } from "./quarantine-show";

export function addQuarantine(program: Verb, context: CommandContext): void {
  const quarantine = program.command("quarantine").withExamples([
    ["npx filemill quarantine list latest", "which"],
    ["npx filemill quarantine show latest notes.gz", "why, and the way out"],
    ["npx filemill quarantine replay latest --watch", "try them again"],
  ]);
  addQuarantineList(quarantine, context);
  addQuarantineShow(quarantine, context);
  addQuarantineReplay(quarantine, context);
}
