import type { Verb } from "../../../../kit/cli/help/verb";
import type { CommandContext } from "../context";
import { addWorkloadCheck } from "./workload-check";

export function addWorkload(program: Verb, context: CommandContext): void {
  const workload = program
    .command("workload")
    .withExamples([["npx filemill workload check ./my.ts --sample texts/one.txt", "whether a batch could use it"]]);
  addWorkloadCheck(workload, context);
}
