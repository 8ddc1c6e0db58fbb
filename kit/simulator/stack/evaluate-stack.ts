import { ProvisioningError } from "../../graph/errors";
import { describeStack } from "../../graph/describe-stack";
import type { EvaluatedStack } from "../../graph/evaluated-stack";
import type { ObjectValue } from "../../graph/hcl/expression";
import { buildGraph } from "../../graph/stack-graph";
import type { StackFile } from "../../graph/stack-file";
import { SIMULATED_ACCOUNT_ID } from "../place";
import { NOT_IN_MEMORY } from "./not-in-memory";
import { MEMORY_TYPES } from "./types";

/** What is synthesized holds a type that the simulator knows nothing of. */
export class UnsimulatedTypeError extends ProvisioningError {
  public override readonly name = "UnsimulatedTypeError";
  public constructor(address: string, type: string) {
    super(
      address,
      `the simulator knows nothing of resources of type ${type}`,
      "add it to kit/simulator/stack/types, or to kit/simulator/stack/not-in-memory.ts with the reason why worlds can do without",
    );
  }
}

const DATA: ReadonlyMap<string, ObjectValue> = new Map([["aws_caller_identity", { account_id: SIMULATED_ACCOUNT_ID }]]);

/**
 * Evaluates a stack as worlds have it: the arguments of the types in memory, with every reference resolved, and the outputs.
 *
 * @param directory the stack file's folder
 * @throws ProvisioningError and its kinds
 */
export function evaluateInMemory(stackFile: StackFile, directory: string): EvaluatedStack {
  const graph = buildGraph(stackFile);
  for (const { address, reference } of graph.nodes.values()) {
    if (reference.kind !== "resource" || MEMORY_TYPES.has(reference.type) || NOT_IN_MEMORY.has(reference.type)) continue;
    throw new UnsimulatedTypeError(address, reference.type);
  }
  return describeStack(graph, { types: MEMORY_TYPES, data: DATA, directory });
}
