import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import type { Construct } from "constructs";
import type { PermissionStatement } from "../../../constructs/iam/statement";
import { policyDocument } from "../../../constructs/iam/statement";
import { PrivateBucket } from "../../../constructs/storage/private-bucket";
import { SystemStack, type SystemStackProps } from "../../../constructs/system-stack";
import type { EnvironmentConfig } from "../config/schema";
import { CI_HOSTS } from "../contracts/ci-hosts";
import { BOOTSTRAP_PATH, BOUNDARY_NAME, deployRoleName, PLAN_ROLE_NAME, SYSTEM_NAME } from "../contracts/names";
import { RUNTIME_ACTIONS } from "../contracts/runtime-actions";
import type { StackOutputs } from "../contracts/stack-outputs";
import { CiRole, type CiIssuer } from "./ci-role";
import { readStatements, UNRESTRICTED_ACTIONS, writeStatements } from "./permissions";
import type { Scope } from "./scope";

/**
 * What an account has before any stack: the bucket of Terraform's states, the identity provider of CI, the roles that jobs take, and the
 * boundary of what stacks' roles may do. Applied by hand, by an administrator (docs/ci.md, ADR 36).
 */
export class BootstrapStack extends SystemStack<EnvironmentConfig, StackOutputs> {
  public constructor(scope: Construct, { config }: SystemStackProps<EnvironmentConfig>) {
    super(scope, SYSTEM_NAME, config, UNRESTRICTED_ACTIONS);
    const { bucketPrefix, ci, deployedEnvironments, kmsKeyArn, namePrefix, owner, region } = config;
    const states = new PrivateBucket(this, "States", {
      // begins as no bucket of a stack does, so that a role that deploys can't change it
      bucketName: `terraform-state-${bucketPrefix}-${owner}`,
      forceDestroy: false,
      lifecycle: { noncurrentVersionDays: config.noncurrentVersionDays },
    });
    const boundary = this.#addBoundary(namePrefix);
    const deployed: Scope = { accountId: this.accountId, region, prefixes: config.deployedPrefixes, rolePath: config.rolePath ?? "/" };
    const host = CI_HOSTS[ci.host];
    const issuer = this.#addIssuer(ci.issuer ?? host.issuer, host.audience);
    const plan = new CiRole(this, "Plan", {
      roleName: namePrefix + PLAN_ROLE_NAME,
      description: "Plans, and looks for drift: reads what the stacks are made of, and their states",
      issuer,
      subjects: host.planSubjects(ci.repository, ci.branch),
      permissions: [...readStatements(deployed, kmsKeyArn), ...readsStates(states, "filemill/*")],
    });
    const deploy = deployedEnvironments.map((environment) => {
      const { roleArn } = new CiRole(this, `Deploy-${environment}`, {
        roleName: namePrefix + deployRoleName(environment),
        description: `Applies the stacks of '${environment}'`,
        issuer,
        subjects: [host.deploySubject(ci.repository, ci.branch, environment)],
        permissions: [
          ...readStatements(deployed, kmsKeyArn),
          ...writeStatements(deployed, boundary.arn, kmsKeyArn),
          ...writesStates(states, `filemill/*-${environment}.tfstate`),
        ],
      });
      return [environment, roleArn] as const;
    });
    this.addOutputs({
      region,
      state_bucket: states.bucketName,
      plan_role_arn: plan.roleArn,
      deploy_role_arns: Object.fromEntries(deploy),
      boundary_arn: boundary.arn,
    });
  }

  /** A boundary grants nothing: resources are for each role's own policies to name. */
  #addBoundary(namePrefix: string): IamPolicy {
    return new IamPolicy(this, "Boundary", {
      name: namePrefix + BOUNDARY_NAME,
      path: BOOTSTRAP_PATH,
      description: "The most that a role of a stack may do",
      policy: policyDocument([{ Sid: "AtMost", Effect: "Allow", Action: RUNTIME_ACTIONS, Resource: ["*"] }]),
    });
  }

  /**
   * No thumbprint: AWS checks a host's certificate by its own list of authorities.
   *
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
   */
  #addIssuer(url: string, audience: string): CiIssuer {
    const provider = new IamOpenidConnectProvider(this, "Issuer", { url, clientIdList: [audience] });
    return { providerArn: provider.arn, host: url.replace("https://", ""), audience };
  }
}

/** @see https://developer.hashicorp.com/terraform/language/backend/s3 */
const readsStates = (states: PrivateBucket, keys: string): PermissionStatement[] => [
  { sid: "ListStateFiles", actions: ["s3:ListBucket"], resources: [states.bucketArn] },
  { sid: "ReadStateFiles", actions: ["s3:GetObject"], resources: [`${states.bucketArn}/${keys}`] },
];

/** A state is written and never deleted; its lock, an object beside it, is both. */
const writesStates = (states: PrivateBucket, keys: string): PermissionStatement[] => [
  { sid: "ListStateFiles", actions: ["s3:ListBucket"], resources: [states.bucketArn] },
  { sid: "WriteStateFiles", actions: ["s3:GetObject", "s3:PutObject"], resources: [`${states.bucketArn}/${keys}`] },
  {
    sid: "LockStateFiles",
    actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    resources: [`${states.bucketArn}/${keys}.tflock`],
  },
];
