import type { ExitTexts } from "../help/exit-texts";
import type { AddVerb, CommandSystem } from "../system-command";
import { addLocalScale } from "./local-scale";
import { addLocalDown, addLocalStatus, addLocalUp } from "./local-up";

/** What the exit codes of the verbs here mean, as in SystemCommand. */
export const LOCAL_EXITS: Readonly<Record<string, ExitTexts>> = {
  "local up": { done: "the stack is up", usage: "wrong usage, or a stack is up already" },
  "local down": { done: "no local stack is up any more", usage: "wrong usage" },
  "local scale": { done: "told, or done", usage: "wrong usage, or no local stack is up" },
  "local status": { done: "whether one is up or not", usage: "wrong usage" },
};

/** `filemill local`: the systems' own verbs, and those that every system has. */
export const addLocal =
  (systems: readonly CommandSystem[]): AddVerb =>
  (program, context) => {
    const local = program
      .command("local")
      .description("the whole system on this machine, with no AWS account")
      .withExamples([
        ...systems.flatMap(({ command }) => command.local.examples),
        ["npx filemill local up", "a stack that stays up, for submit"],
        ["npx filemill local down"],
      ]);
    for (const add of systems.flatMap(({ command }) => command.local.verbs)) add(local, context);
    addLocalUp(local, context, systems);
    addLocalDown(local, context);
    addLocalStatus(local, context);
    addLocalScale(local, context);
  };
