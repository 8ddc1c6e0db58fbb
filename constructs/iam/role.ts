import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { encryptionKeyOf } from "../encryption/encryption-key";
import { KeyUses, type KeyService, type KeyUse } from "./key-use";
import { serviceTrust } from "./resource-policy";
import { roleSettingsOf } from "./role-settings";
import {
  allow,
  GrantError,
  policyDocument,
  type Conditions,
  type Grantee,
  type PermissionStatement,
  type PolicyStatement,
} from "./statement";
import { unrestrictedActionsOf } from "./unrestricted-actions";

export interface RoleProps {
  /** At most 64 characters. */
  readonly roleName: string;
  readonly description: string;
  /** The service that takes the role, such as `lambda.amazonaws.com`. */
  readonly trustedService: string;
  /** Narrows the trust, against the confused deputy. */
  readonly trustConditions?: Conditions;
}

/** A role that starts with nothing and collects what grants give it, in one inline policy. */
export class Role extends Construct implements Grantee {
  public readonly roleArn: string;
  public readonly roleName: string;
  /** What needs the permissions at work, not just the role, depends on this. */
  public readonly policy: IamRolePolicy;
  readonly #statements = new Map<string, PolicyStatement>();
  readonly #keyUses = new KeyUses();

  public constructor(scope: Construct, id: string, props: RoleProps) {
    super(scope, id);
    const { path, permissionsBoundaryArn } = roleSettingsOf(this);
    const role = new IamRole(this, "Resource", {
      name: props.roleName,
      description: props.description,
      assumeRolePolicy: policyDocument([serviceTrust(props.trustedService, props.trustConditions)]),
      ...(path === undefined ? {} : { path }),
      ...(permissionsBoundaryArn === undefined ? {} : { permissionsBoundary: permissionsBoundaryArn }),
    });
    this.roleArn = role.arn;
    this.roleName = role.name;
    this.policy = new IamRolePolicy(this, "Policy", {
      name: "grants",
      role: role.name,
      policy: Lazy.stringValue({ produce: () => policyDocument(this.statements) }),
    });
  }

  /** @throws GrantError when another statement has its id, or when it is too wide */
  public addStatement(statement: PermissionStatement): void {
    if (this.#statements.has(statement.sid))
      throw new GrantError(statement.sid, `given twice to ${this.node.path}; grants of one role need ids of their own`);
    this.#statements.set(statement.sid, allow(statement, unrestrictedActionsOf(this)));
  }

  public useKey(service: KeyService, use: KeyUse): void {
    this.#keyUses.add(service, use);
  }

  /** What it was granted so far: complete when the stack is, so to be read when the stack is written. */
  public get statements(): readonly PolicyStatement[] {
    const key = encryptionKeyOf(this);
    return [...this.#statements.values(), ...(key === undefined ? [] : this.#keyUses.statements(key).map((each) => allow(each)))];
  }
}
