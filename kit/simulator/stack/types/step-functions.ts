import { z } from "zod";
import { text } from "../../../graph/arguments";
import { statesArn } from "../../interpreter/world";
import { memoryType } from "../memory-type";

export interface StackMachine {
  readonly name: string;
  readonly arn: string;
  /** JSON of the Amazon States Language: the same object for each world, so that it is compiled once. */
  readonly definition: unknown;
}

export const machineType = memoryType({
  arguments: z.object({ name: text, definition: text, type: z.literal("STANDARD").optional() }),
  attributes: ({ name }) => ({ id: statesArn("stateMachine", name), arn: statesArn("stateMachine", name) }),
  describe: ({ definition, name }): StackMachine => ({
    name,
    arn: statesArn("stateMachine", name),
    definition: JSON.parse(definition) as unknown,
  }),
  ignores: {
    logging_configuration: "what a machine does is in the world's trace",
    role_arn: "permissions are checked by the local run",
  },
});

export const STEP_FUNCTIONS_TYPES = { aws_sfn_state_machine: machineType };
