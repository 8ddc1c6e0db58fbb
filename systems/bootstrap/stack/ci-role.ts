import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";
import { allow, policyDocument, type PermissionStatement, type PolicyStatement } from "../../../constructs/iam/statement";
import { BOOTSTRAP_PATH } from "../contracts/names";
import { UNRESTRICTED_ACTIONS } from "./permissions";

/** An identity provider of CI, as a trust policy names it. */
export interface CiIssuer {
  readonly providerArn: string;
  /** Its address without `https://`: the first part of condition keys. */
  readonly host: string;
  readonly audience: string;
}

export interface CiRoleProps {
  readonly roleName: string;
  readonly description: string;
  readonly issuer: CiIssuer;
  /** Subjects of the tokens that may take it; `*` stands for any text. */
  readonly subjects: readonly string[];
  readonly permissions: readonly PermissionStatement[];
}

/**
 * A role that jobs of one repository take by a token of their CI; there are no keys. It lies in a path of its own, where no name of a
 * stack's begins: nobody who deploys can change who may deploy.
 */
export class CiRole extends Construct {
  public readonly roleArn: string;

  public constructor(scope: Construct, id: string, { description, issuer, permissions, roleName, subjects }: CiRoleProps) {
    super(scope, id);
    const { audience, host, providerArn } = issuer;
    const role = new IamRole(this, "Resource", {
      name: roleName,
      path: BOOTSTRAP_PATH,
      description,
      assumeRolePolicy: policyDocument([
        {
          Sid: "TakenByJobs",
          Effect: "Allow",
          Principal: { Federated: providerArn },
          Action: ["sts:AssumeRoleWithWebIdentity"],
          // several subjects: one of them
          Condition: {
            StringEquals: { [`${host}:aud`]: audience, ...(isExact(subjects) ? { [`${host}:sub`]: subjects } : {}) },
            ...(isExact(subjects) ? {} : { StringLike: { [`${host}:sub`]: subjects } }),
          },
        },
      ]),
    });
    this.roleArn = role.arn;
    for (const [index, statements] of parted(permissions).entries()) {
      const name = `${roleName}-${index + 1}`;
      const policy = new IamPolicy(this, `Policy-${index + 1}`, { name, path: BOOTSTRAP_PATH, policy: policyDocument(statements) });
      new IamRolePolicyAttachment(this, `Attached-${index + 1}`, { role: role.name, policyArn: policy.arn });
    }
  }
}

/**
 * The most characters of a managed policy, and some room: an account's id is shorter than what stands for it here. A role's own policies
 * have 10,240 together, which a deployment doesn't fit into; of managed ones it may have 10.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const MAXIMUM_POLICY_CHARACTERS = 6_000;

/** Statements in as many policies as they need, in order. */
function parted(permissions: readonly PermissionStatement[]): PolicyStatement[][] {
  const parts: PolicyStatement[][] = [[]];
  for (const permission of permissions) {
    const statement = allow(permission, UNRESTRICTED_ACTIONS);
    const last = parts.at(-1) ?? [];
    if (policyDocument([...last, statement]).length <= MAXIMUM_POLICY_CHARACTERS) last.push(statement);
    else parts.push([statement]);
  }
  return parts;
}

const isExact = (subjects: readonly string[]): boolean => subjects.every((subject) => !subject.includes("*"));
