import type { Command } from "commander";
import type { CommandContext } from "../context";
import { addQuarantineList } from "./quarantine-list";
import { addQuarantineReplay } from "./quarantine-replay";
import { addQuarantineShow } from "./quarantine-show";

export function addQuarantine(program: Command, context: CommandContext): void {
  const quarantine = program.command("quarantine").description("files that could not be processed: which, why, and how to try them again");
  addQuarantineList(quarantine, context);
  addQuarantineShow(quarantine, context);
  addQuarantineReplay(quarantine, context);
}
