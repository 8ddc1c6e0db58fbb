import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Aspects, LocalBackend, S3Backend, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Deployment } from "../kit/config/deployment";
import { PROJECT_TAG, stackNameOf, TAG_KEYS } from "../kit/lib/stack-marks";
import { encryptUnder } from "./encryption/encryption-key";
import { checkKey } from "./encryption/check-key";
import { setRoleSettings } from "./iam/role-settings";
import { listUnrestrictedActions, type UnrestrictedAction } from "./iam/unrestricted-actions";
import { TagEverything, type Tags } from "./tagging";

export interface SystemStackProps<Config extends Deployment> {
  readonly config: Config;
  /** Absolute path of dist: what is built of the system. */
  readonly buildDirectory: string;
}

/**
 * The stack of a system in one environment, `<system>-<environment>`: it has its state, its provider and its tags; what it makes is the
 * subclass's. `Outputs` are the Terraform outputs, by the names of the manifest's schema.
 */
export abstract class SystemStack<Config extends Deployment, Outputs extends object> extends TerraformStack {
  /** Of every resource that takes any. */
  protected readonly tags: Tags;
  protected readonly accountId: string;

  /**
   * @param system the manifest's name
   * @param unrestrictedActions all that the system grants on `*`
   */
  protected constructor(scope: Construct, system: string, config: Config, unrestrictedActions: readonly UnrestrictedAction[] = []) {
    super(scope, stackNameOf(system, config.name));
    // before there is anything in it: grants look it up
    listUnrestrictedActions(this, unrestrictedActions);
    const { kmsKeyArn, permissionsBoundaryArn, region, rolePath } = config;
    setRoleSettings(this, {
      ...(rolePath === undefined ? {} : { path: rolePath }),
      ...(permissionsBoundaryArn === undefined ? {} : { permissionsBoundaryArn }),
    });
    if (kmsKeyArn !== undefined) encryptUnder(this, { keyArn: kmsKeyArn, region });
    this.tags = {
      [TAG_KEYS.project]: PROJECT_TAG,
      [TAG_KEYS.environment]: config.name,
      [TAG_KEYS.owner]: config.owner,
      // of all tags the one that costs are told apart by
      [TAG_KEYS.stack]: this.node.id,
    };
    this.#addBackend(config);
    new AwsProvider(this, "aws", { region, defaultTags: [{ tags: { ...this.tags } }] });
    if (kmsKeyArn !== undefined) checkKey(this, kmsKeyArn);
    this.accountId = new DataAwsCallerIdentity(this, "account").accountId;
    Aspects.of(this).add(new TagEverything(this.tags));
  }

  protected addOutputs(outputs: Outputs): void {
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, `output-${name}`, { value: value as unknown }).overrideLogicalId(name);
    }
  }

  /** Always explicit: cdktf's own choice writes this checkout's absolute path. */
  #addBackend({ backend }: Config): void {
    switch (backend.kind) {
      case "local":
        // from cdktf.out/stacks/<stack>, where Terraform runs, to the project: cdktf.out may be deleted, the state may not
        new LocalBackend(this, { path: `../../../terraform.${this.node.id}.tfstate` });
        break;
      case "s3":
        new S3Backend(this, { bucket: backend.bucket, key: backend.key, region: backend.region, encrypt: true });
        // newer than cdktf's class of it: the lock is an object beside the state
        this.addOverride("terraform.backend.s3.use_lockfile", true);
        break;
    }
  }
}
