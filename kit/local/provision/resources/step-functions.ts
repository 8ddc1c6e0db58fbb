import { CreateStateMachineCommand, SFNClient, UpdateStateMachineCommand } from "@aws-sdk/client-sfn";
import type { LogLevel, StateMachineType } from "@aws-sdk/client-sfn";
import { z } from "zod";
import { block, optionalFlag, optionalText, text } from "../../../graph/arguments";
import { answered, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const stateMachineType = resourceType(
  z.object({
    name: text,
    role_arn: text,
    definition: text,
    type: optionalText,
    logging_configuration: block(z.object({ level: optionalText, include_execution_data: optionalFlag, log_destination: optionalText })),
  }),
  async (values, { clients }) => {
    const logging = values.logging_configuration;
    const { stateMachineArn, creationDate } = await clients.of(SFNClient).send(
      new CreateStateMachineCommand({
        name: values.name,
        roleArn: values.role_arn,
        definition: values.definition,
        type: (values.type ?? "STANDARD") as StateMachineType,
        ...(logging === undefined
          ? {}
          : {
              loggingConfiguration: {
                level: (logging.level ?? "OFF") as LogLevel,
                includeExecutionData: logging.include_execution_data ?? false,
                ...(logging.log_destination === undefined
                  ? {}
                  : { destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logging.log_destination } }] }),
              },
            }),
      }),
    );
    const arn = answered(stateMachineArn, "stateMachineArn");
    return { id: arn, arn, creation_date: (creationDate ?? new Date()).toISOString() };
  },
  {},
  async ({ definition, name, role_arn }, { clients, region, accountId }) => {
    const stateMachineArn = `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;
    await clients.of(SFNClient).send(new UpdateStateMachineCommand({ stateMachineArn, definition, roleArn: role_arn }));
    return {};
  },
);

export const STEP_FUNCTIONS_TYPES = { aws_sfn_state_machine: stateMachineType } satisfies Record<string, ResourceType>;
