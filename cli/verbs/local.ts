import type { Command } from "commander";
import type { CommandContext } from "../context";
import { addLocalRun } from "./local-run";
import { addLocalDown, addLocalStatus, addLocalUp } from "./local-up";

export function addLocal(program: Command, context: CommandContext): void {
  const local = program.command("local").description("the whole system on this machine, with no AWS account");
  addLocalRun(local, context);
  addLocalUp(local, context);
  addLocalDown(local, context);
  addLocalStatus(local, context);
}
