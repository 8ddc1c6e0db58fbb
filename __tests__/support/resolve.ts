import { createHash } from "node:crypto";
import { z } from "zod";
import type { SynthesizedStack } from "./synth";

export const SAMPLE_ACCOUNT_ID = "123456789012";

const SAMPLE_SHA256 = "ab".repeat(32);

/** What AWS would give to an attribute that the stack doesn't set itself, by resource type. */
const SAMPLE_ATTRIBUTES: Readonly<Record<string, (name: string) => Record<string, string>>> = {
  aws_sqs_queue: (name) => ({
    url: `https://sqs.us-east-1.amazonaws.com/${SAMPLE_ACCOUNT_ID}/${name}`,
    arn: `arn:aws:sqs:us-east-1:${SAMPLE_ACCOUNT_ID}:${name}`,
  }),
  aws_s3_bucket: (name) => ({ arn: `arn:aws:s3:::${name}` }),
  aws_dynamodb_table: (name) => ({ arn: `arn:aws:dynamodb:us-east-1:${SAMPLE_ACCOUNT_ID}:table/${name}` }),
  aws_sfn_state_machine: (name) => ({ arn: `arn:aws:states:us-east-1:${SAMPLE_ACCOUNT_ID}:stateMachine:${name}` }),
  aws_lambda_function: (name) => ({ arn: `arn:aws:lambda:us-east-1:${SAMPLE_ACCOUNT_ID}:function:${name}` }),
  aws_cloudwatch_log_group: (name) => ({ arn: `arn:aws:logs:us-east-1:${SAMPLE_ACCOUNT_ID}:log-group:${name}` }),
  aws_s3_object: () => ({ source_hash: SAMPLE_SHA256, key: `artefacts/worker-${SAMPLE_SHA256}.tar.gz` }),
  aws_caller_identity: () => ({ account_id: SAMPLE_ACCOUNT_ID }),
};

/** Name attributes, in the order in which they are the resource's own. */
const NAMES = ["bucket", "function_name", "name"] as const;

/**
 * Puts values where a text has references: the stack's own where it sets them, else samples of the right form.
 *
 * @throws Error for a reference to nothing, or to an attribute that has no sample yet
 */
export function resolveText(stack: SynthesizedStack, text: string): string {
  return text
    .replaceAll(/\$\{substr\(sha256\(local\.([\w-]+)\), 0, 16\)\}/g, (_reference, local: string) => versionOf(stack, local))
    .replaceAll(
      /\$\{(data\.)?(\w+)\.([\w-]+)\.(\w+)\}/g,
      (reference: string, data: string | undefined, type: string, id: string, attribute: string) => {
        const body = (data === undefined ? stack.resource : stack.data)[type]?.[id];
        if (body === undefined) throw new Error(`${reference} refers to nothing in the stack`);
        const name = NAMES.map((key) => body[key]).find((value) => typeof value === "string") ?? id;
        const sample = SAMPLE_ATTRIBUTES[type]?.(resolveText(stack, name))[attribute];
        if (sample !== undefined) return sample;
        const own = body[attribute];
        if (typeof own !== "string") throw new Error(`${reference} has no sample value; add one to SAMPLE_ATTRIBUTES`);
        return resolveText(stack, own);
      },
    );
}

/** What Terraform makes of a local's text: here of the text with its references, which differ as the texts do. */
function versionOf(stack: SynthesizedStack, local: string): string {
  const text = stack.locals[local];
  if (text === undefined) throw new Error(`local.${local} is not in the stack`);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** The text of a launch template's user data, references included. */
export function userDataText(stack: SynthesizedStack, userData: unknown): string {
  const match = /^\$\{base64encode\(local\.([\w-]+)\)\}$/.exec(z.string().parse(userData));
  const text = stack.locals[match?.[1] ?? ""];
  if (text === undefined) throw new Error(`user data is not base64encode(local.X) of a known local: ${String(userData)}`);
  return text;
}
