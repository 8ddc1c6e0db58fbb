import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { Architecture, Runtime } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { block, optionalText, optionalTextMap, optionalTexts, optionalWhole, text, whole } from "../../../graph/arguments";
import { answered, defined, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const functionArguments = z.object({
  function_name: text,
  role: text,
  runtime: text,
  handler: text,
  filename: text,
  source_code_hash: optionalText,
  description: optionalText,
  architectures: optionalTexts,
  memory_size: optionalWhole,
  timeout: optionalWhole,
  reserved_concurrent_executions: optionalWhole,
  ephemeral_storage: block(z.object({ size: whole })),
  environment: block(z.object({ variables: optionalTextMap })),
});

type FunctionArguments = z.output<typeof functionArguments>;

/** The code that a function is to run. @throws Error when it isn't what was synthesized */
async function codeOf({ filename, source_code_hash }: FunctionArguments, directory: string): Promise<Buffer> {
  const ZipFile = await readFile(path.resolve(directory, filename));
  const hash = createHash("sha256").update(ZipFile).digest("base64");
  if (source_code_hash !== undefined && source_code_hash !== hash)
    throw new Error(`source_code_hash is ${source_code_hash}, but ${filename} has ${hash}: synthesize again`);
  return ZipFile;
}

const configurationOf = (values: FunctionArguments) => ({
  ...defined({
    Description: values.description,
    MemorySize: values.memory_size,
    Timeout: values.timeout,
    EphemeralStorage: values.ephemeral_storage === undefined ? undefined : { Size: values.ephemeral_storage.size },
    Environment: values.environment?.variables === undefined ? undefined : { Variables: values.environment.variables },
  }),
  FunctionName: values.function_name,
  Role: values.role,
  Runtime: values.runtime as Runtime,
  Handler: values.handler,
});

async function keepConcurrency(values: FunctionArguments, lambda: LambdaClient): Promise<void> {
  const reserved = values.reserved_concurrent_executions;
  // Terraform's -1 means none
  if (reserved === undefined || reserved < 0) return;
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: values.function_name, ReservedConcurrentExecutions: reserved }));
}

const functionType = resourceType(
  functionArguments,
  async (values, { clients, region, directory }) => {
    const lambda = clients.of(LambdaClient);
    const { FunctionArn, Version } = await lambda.send(
      new CreateFunctionCommand({
        ...defined({ Architectures: values.architectures as Architecture[] | undefined }),
        ...configurationOf(values),
        Code: { ZipFile: await codeOf(values, directory) },
      }),
    );
    await keepConcurrency(values, lambda);
    const arn = answered(FunctionArn, "FunctionArn");
    return {
      id: values.function_name,
      arn,
      version: Version ?? "$LATEST",
      qualified_arn: `${arn}:${Version ?? "$LATEST"}`,
      invoke_arn: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
    };
  },
  {
    arguments: {
      runtime: {
        instead: "Lambdas run on the Node that runs this command, on this machine's processor",
        reason: "bundles are built for the oldest Node that the project supports",
      },
      memory_size: {
        instead: "not enforced",
        reason: "a Lambda's memory is bounded by its own settings (invariant 9), which the tests of the counter check",
      },
    },
  },
  // as Terraform's provider does it: first the configuration, then the code
  async (values, { clients, directory }) => {
    const lambda = clients.of(LambdaClient);
    await lambda.send(new UpdateFunctionConfigurationCommand(configurationOf(values)));
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: values.function_name, ZipFile: await codeOf(values, directory) }));
    await keepConcurrency(values, lambda);
    return {};
  },
);

const permissionType = resourceType(
  z.object({
    action: text,
    function_name: text,
    principal: text,
    source_arn: optionalText,
    source_account: optionalText,
    statement_id: optionalText,
  }),
  async (values, { clients }) => {
    // Terraform invents a name for a statement without one
    const StatementId =
      values.statement_id ?? `terraform-${createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 16)}`;
    await clients.of(LambdaClient).send(
      new AddPermissionCommand({
        ...defined({ SourceArn: values.source_arn, SourceAccount: values.source_account }),
        StatementId,
        Action: values.action,
        FunctionName: values.function_name,
        Principal: values.principal,
      }),
    );
    return { id: StatementId, statement_id: StatementId };
  },
);

const eventInvokeConfigType = resourceType(
  z.object({
    function_name: text,
    qualifier: optionalText,
    maximum_retry_attempts: optionalWhole,
    maximum_event_age_in_seconds: optionalWhole,
    destination_config: block(z.object({ on_failure: block(z.object({ destination: text })) })),
  }),
  async (values, { clients }) => {
    const failed = values.destination_config?.on_failure?.destination;
    await clients.of(LambdaClient).send(
      new PutFunctionEventInvokeConfigCommand({
        ...defined({
          DestinationConfig: failed === undefined ? undefined : { OnFailure: { Destination: failed } },
          Qualifier: values.qualifier,
          MaximumRetryAttempts: values.maximum_retry_attempts,
          MaximumEventAgeInSeconds: values.maximum_event_age_in_seconds,
        }),
        FunctionName: values.function_name,
      }),
    );
    return { id: values.function_name };
  },
);

export const LAMBDA_TYPES = {
  aws_lambda_function: functionType,
  aws_lambda_function_event_invoke_config: eventInvokeConfigType,
  aws_lambda_permission: permissionType,
} satisfies Record<string, ResourceType>;
