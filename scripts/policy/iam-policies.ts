import type { Value } from "../../kit/graph/hcl/expression";
import type { Body, StackFile } from "../../kit/graph/stack-file";

export type PolicyKind = "IDENTITY_POLICY" | "RESOURCE_POLICY" | "TRUST_POLICY";

/** A policy of a stack, as IAM would get it. */
export interface StackPolicy {
  /** The resource that it is an argument of. */
  readonly address: string;
  readonly kind: PolicyKind;
  readonly document: { readonly Statement: readonly { readonly Action?: string | readonly string[] }[] };
}

/** A policy names something that this check can't give a name to. */
export class UnknownReferenceError extends Error {
  public override readonly name = "UnknownReferenceError";
}

type Resources = StackFile["resource"];

/** What references to data stand for: any of the right form will do. */
const ACCOUNT_ID = "123456789012";
const REGION = "us-east-1";

const textOf = (value: Value | undefined): string => (typeof value === "string" ? value : "");

/** ARNs that AWS would give, by the argument that names a resource. https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const ARNS: Readonly<Record<string, (body: Body) => string>> = {
  aws_s3_bucket: ({ bucket }) => `arn:aws:s3:::${textOf(bucket)}`,
  aws_sqs_queue: ({ name }) => `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${textOf(name)}`,
  aws_sns_topic: ({ name }) => `arn:aws:sns:${REGION}:${ACCOUNT_ID}:${textOf(name)}`,
  aws_dynamodb_table: ({ name }) => `arn:aws:dynamodb:${REGION}:${ACCOUNT_ID}:table/${textOf(name)}`,
  aws_lambda_function: ({ function_name }) => `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${textOf(function_name)}`,
  aws_sfn_state_machine: ({ name }) => `arn:aws:states:${REGION}:${ACCOUNT_ID}:stateMachine:${textOf(name)}`,
  aws_cloudwatch_event_rule: ({ name }) => `arn:aws:events:${REGION}:${ACCOUNT_ID}:rule/${textOf(name)}`,
  aws_cloudwatch_log_group: ({ name }) => `arn:aws:logs:${REGION}:${ACCOUNT_ID}:log-group:${textOf(name)}`,
  aws_iam_role: ({ name, path = "/" }) => `arn:aws:iam::${ACCOUNT_ID}:role${textOf(path)}${textOf(name)}`,
  aws_iam_policy: ({ name, path = "/" }) => `arn:aws:iam::${ACCOUNT_ID}:policy${textOf(path)}${textOf(name)}`,
  aws_iam_openid_connect_provider: ({ url }) => `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/${textOf(url).replace(/^https:\/\//, "")}`,
  aws_backup_vault: ({ name }) => `arn:aws:backup:${REGION}:${ACCOUNT_ID}:backup-vault:${textOf(name)}`,
};

/**
 * Every policy in a stack: of roles, their trust, and of resources.
 *
 * @throws UnknownReferenceError
 */
export function policiesOf({ resource: resources }: Pick<StackFile, "resource">): StackPolicy[] {
  return Object.entries(resources).flatMap(([type, byId]) =>
    Object.entries(byId).flatMap(([id, body]) =>
      Object.entries(body).flatMap(([argument, text]): StackPolicy[] => {
        if (typeof text !== "string" || !argument.endsWith("policy") || !text.startsWith("{")) return [];
        const document: unknown = JSON.parse(text, (_key, value: unknown) =>
          typeof value === "string" ? withNames(value, resources) : value,
        );
        return isPolicy(document) ? [{ address: `${type}.${id}`, kind: kindOf(type, argument), document }] : [];
      }),
    ),
  );
}

/** Prefixes of all actions in policies, in order. */
export const servicesOf = (policies: readonly StackPolicy[]): string[] =>
  [
    ...new Set(
      policies.flatMap(({ document }) =>
        document.Statement.flatMap(({ Action = [] }) => [Action].flat().map((action) => action.split(":")[0] ?? "")),
      ),
    ),
  ].sort();

/** Redrive and lifecycle policies are none of IAM's. */
const isPolicy = (value: unknown): value is StackPolicy["document"] => typeof value === "object" && value !== null && "Statement" in value;

function kindOf(type: string, argument: string): PolicyKind {
  if (argument === "assume_role_policy") return "TRUST_POLICY";
  return type === "aws_iam_role_policy" || type === "aws_iam_policy" ? "IDENTITY_POLICY" : "RESOURCE_POLICY";
}

function withNames(text: string, resources: Resources): string {
  return text.replaceAll(/\$\{([^}]*)\}/g, (_all, expression: string) => {
    const [type = "", id = "", attribute = "", ...more] = expression.split(".");
    if (/^data\.aws_caller_identity\.\w+\.account_id$/.test(expression)) return ACCOUNT_ID;
    const body = more.length === 0 ? resources[type]?.[id] : undefined;
    const given = body?.[attribute];
    if (typeof given === "string") return withNames(given, resources);
    const arn = body !== undefined && attribute === "arn" ? ARNS[type] : undefined;
    if (body === undefined || arn === undefined)
      throw new UnknownReferenceError(
        `a policy names \${${expression}}, which scripts/policy/iam-policies.ts has no name for; add one there`,
      );
    return arn(body);
  });
}
