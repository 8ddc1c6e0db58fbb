import { z } from "zod";
import { jsonItem, jsonResultSchema, type Json } from "../results/json-result";
import type { Workload } from "../workload";
import { ModuleMerge } from "./module-merge";
import { ModuleSession } from "./module-session";
import { moduleOptionsSchema, type ModuleOptions } from "./options";

/** A module of the user's (`authoring.ts`), run for each file; docs/workloads.md says how to write one. */
export const moduleWorkload: Workload<ModuleOptions, Json, Json> = {
  name: "module",
  description: "runs a TypeScript or JavaScript module of yours on every file, and adds up what it returns",
  options: moduleOptionsSchema,
  result: jsonResultSchema,
  total: z.json(),
  cut: ({ cut }) => cut,
  open: (options, context) => ModuleSession.open(options, context),
  merge: (options, context) => new ModuleMerge(options, context),
  item: jsonItem,
  // the outputs of two ranges might have one name
  makesOutputs: ({ cut }) => cut === "never",
};
