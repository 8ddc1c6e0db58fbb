import { STATE_NAMES } from "../../../../systems/batch/contracts/names";
import { configurationOf, resourcesOf, synthesize } from "../../../support/synth";
import { definitionOf } from "./assertions/workflow";

test("what is kept for process-chunk bounds all batches together, and no batch works on more at a time", () => {
  const stack = synthesize(configurationOf("prod", { FILEMILL_RESERVED_LAMBDA_CONCURRENCY: "300" }));
  const reserved = resourcesOf(stack, "aws_lambda_function").flatMap(({ body }) =>
    "reserved_concurrent_executions" in body ? [[body["function_name"], body["reserved_concurrent_executions"]]] : [],
  );
  expect(reserved).toEqual([["wordfreq-process-chunk", 300]]);
  expect(definitionOf(stack).States[STATE_NAMES.mapLambda]?.["MaxConcurrency"]).toBe(300);
});
