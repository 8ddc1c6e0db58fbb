import type { Verb } from "../../../../kit/cli/help/verb";
import type { CommandContext } from "../context";
import { addWorkloadCheck } from "./workload-check";

export function addWorkload(program: Verb, context: CommandContext): void {
  const workload = program
    .command("workload")
    .description("what is done with each file: modules of your own")
    .withExamples([["npx filemill workload check ./my.ts --sample texts/one.txt", "whether a batch could use it"]]);
  addWorkloadCheck(workload, context);
}
