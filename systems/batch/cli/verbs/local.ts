import type { CommandContext } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { addLocalRun } from "./local-run";
import { addLocalDown, addLocalStatus, addLocalUp } from "./local-up";

export function addLocal(program: Verb, context: CommandContext): void {
  const local = program
    .command("local")
    .description("the whole system on this machine, with no AWS account")
    .withExamples([
      ["npx filemill local run texts/", "one run, and all is gone"],
      ["npx filemill local up", "a stack that stays up, for submit"],
      ["npx filemill local down"],
    ]);
  addLocalRun(local, context);
  addLocalUp(local, context);
  addLocalDown(local, context);
  addLocalStatus(local, context);
}
