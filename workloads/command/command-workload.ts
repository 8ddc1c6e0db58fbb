import { filesMerge, filesTotalSchema, type FilesTotal } from "../results/files-merge";
import { jsonItem, jsonResultSchema, type Json } from "../results/json-result";
import type { Workload } from "../workload";
import { CommandSession } from "./command-session";
import { commandOptionsSchema, type CommandOptions } from "./options";

/** Any program, run for each file; docs/workloads.md says what it gets and what it is to answer. */
export const commandWorkload: Workload<CommandOptions, Json, FilesTotal> = {
  name: "command",
  description: "runs a program of yours on every file: its output is the file's result, what it writes are the file's outputs",
  options: commandOptionsSchema,
  result: jsonResultSchema,
  total: filesTotalSchema,
  open: (options, context) => CommandSession.open(options, context),
  merge: () => filesMerge(),
  item: jsonItem,
  makesOutputs: () => true,
};
