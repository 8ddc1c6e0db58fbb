import type { Verb } from "../help/verb";
import type { AddVerb, CommandSystem } from "../system-command";
import type { VerbContext } from "../verb-context";
import { addLocalScale } from "./local-scale";
import { addLocalDown, addLocalStatus, addLocalUp } from "./local-up";

/**
 * `filemill local`: the systems' own verbs, and those that every system has.
 *
 * @param systemVerbs those of the systems
 */
export const addLocal =
  (systems: readonly CommandSystem[], systemVerbs: readonly AddVerb[]): AddVerb =>
  (program: Verb, context: VerbContext) => {
    const local = program
      .command("local")
      .withExamples([
        ...systems.flatMap(({ command }) => command.local.examples),
        ["npx filemill local up", "a stack that stays up, for submit"],
        ["npx filemill local down"],
      ]);
    for (const add of systemVerbs) add(local, context);
    addLocalUp(local, context, systems);
    addLocalDown(local, context);
    addLocalStatus(local, context);
    addLocalScale(local, context);
  };
