import type { StepFunctions } from "../../../../kit/simulator/interpreter";
import { UnsupportedDefinitionError } from "../../../../kit/simulator/interpreter";
import { invoke, oneState, overItems, sendAndWait, StatesWorld } from "../../../systems/batch/simulation/support/states-world";

describe("a definition", () => {
  const make = (definition: unknown): StepFunctions => new StatesWorld(definition).stepFunctions;
  test.each<[string, unknown]>([
    ["a field of a state", oneState({ Type: "Pass", End: true, Assign: { x: 1 } })],
    ["a field of the machine", { ...oneState({ Type: "Pass", End: true }), QueryLanguage: "JSONata" }],
    ["a state type", oneState({ Type: "Parallel", Branches: [], End: true })],
    ["an integration", oneState(invoke({ Resource: "arn:aws:states:::sqs:sendMessage" }))],
    ["a parameter", oneState(invoke({ Parameters: { FunctionName: "f", InvocationType: "Event" } }))],
    ["a heartbeat", oneState(sendAndWait({ HeartbeatSeconds: 5 }))],
    ["a comparison", oneState({ Type: "Choice", Choices: [{ Variable: "$.a", StringMatches: "a*", Next: "Caught" }] })],
    ["an intrinsic function", oneState(invoke({ Parameters: { FunctionName: "f", "Payload.$": "States.Array(1)" } }))],
    ["a filter", oneState({ Type: "Pass", Parameters: { "a.$": "$.b[?(@.c)]" }, End: true })],
    ["an item batcher", oneState(overItems({ Type: "Pass", End: true }, { ItemBatcher: { MaxItemsPerBatch: 2 } }))],
    ["a way to nowhere", oneState({ Type: "Pass", Next: "Nowhere" })],
    ["no way on", oneState({ Type: "Pass" })],
    ["two ways on", oneState({ Type: "Pass", Next: "Caught", End: true })],
    ["no start", { StartAt: "Gone", States: { Only: { Type: "Succeed" } } }],
  ])("is refused for %s that is not carried out (invariant 10)", (_, definition) => {
    expect(() => make(definition)).toThrow(UnsupportedDefinitionError);
  });

  test("the refusal names the place and the way out", () => {
    expect(() => make(oneState({ Type: "Pass", End: true, Assign: {} }))).toThrow(
      /machine.*teach it to kit\/simulator\/interpreter[\s\S]*Assign[\s\S]*States\.Only/,
    );
  });
});
