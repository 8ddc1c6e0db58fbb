import path from "node:path";
import { z } from "zod";
import { block, optionalTextMap, text, whole } from "../../../graph/arguments";
import { simulatedArn } from "../../place";
import { memoryType } from "../memory-type";

/** A function as it is synthesized. */
export interface StackFunction {
  readonly name: string;
  readonly arn: string;
  /** Names the code that runs: the deployed archive without its ending. */
  readonly code: string;
  readonly timeoutSeconds: number;
  readonly memoryMebibytes: number;
  /** Invocations of it at the same time. undefined: it shares the account's */
  readonly reservedConcurrency: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** What becomes of events that nobody waits for. */
export interface EventInvokeConfig {
  readonly functionName: string;
  /** Attempts after one that failed. */
  readonly retries: number;
  readonly maximumAgeSeconds: number;
  /** ARN of the queue for those that fail to the end. @default they are dropped */
  readonly onFailureArn?: string;
}

const arnOf = (name: string): string => simulatedArn("lambda", `function:${name}`);

export const functionType = memoryType({
  // Lambda's defaults. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
  arguments: z.object({
    function_name: text,
    filename: text,
    timeout: whole.default(3),
    memory_size: whole.default(128),
    // Terraform's -1 means none
    reserved_concurrent_executions: whole.default(-1),
    environment: block(z.object({ variables: optionalTextMap })),
  }),
  attributes: ({ function_name: name }) => ({ id: name, arn: arnOf(name) }),
  describe: (values): StackFunction => ({
    name: values.function_name,
    arn: arnOf(values.function_name),
    code: path.basename(values.filename, path.extname(values.filename)),
    timeoutSeconds: values.timeout,
    memoryMebibytes: values.memory_size,
    reservedConcurrency: values.reserved_concurrent_executions < 0 ? undefined : values.reserved_concurrent_executions,
    environment: values.environment?.variables ?? {},
  }),
  ignores: {
    architectures: "a world runs on the processor that it runs on",
    description: "it says nothing to a world",
    ephemeral_storage: "files of a world are in memory; that they find no room is a fault of its own",
    handler: "a world runs the function's own code, not its bundle",
    role: "permissions are checked by the local run and by npm run check:permissions",
    runtime: "a world runs on the Node that it runs on",
    source_code_hash: "a world runs the sources",
  },
});

export const eventInvokeConfigType = memoryType({
  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
  arguments: z.object({
    function_name: text,
    maximum_retry_attempts: whole.default(2),
    maximum_event_age_in_seconds: whole.default(6 * 3_600),
    destination_config: block(z.object({ on_failure: block(z.object({ destination: text })) })),
  }),
  describe: (values): EventInvokeConfig => ({
    functionName: values.function_name,
    retries: values.maximum_retry_attempts,
    maximumAgeSeconds: values.maximum_event_age_in_seconds,
    ...(values.destination_config?.on_failure === undefined ? {} : { onFailureArn: values.destination_config.on_failure.destination }),
  }),
});

export const LAMBDA_TYPES = { aws_lambda_function: functionType, aws_lambda_function_event_invoke_config: eventInvokeConfigType };
