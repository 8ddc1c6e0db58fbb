import { DataAwsAmi } from "@cdktf/provider-aws/lib/data-aws-ami";
import { DataAwsSsmParameter } from "@cdktf/provider-aws/lib/data-aws-ssm-parameter";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Fn, TerraformLocal, Token } from "cdktf";
import { Construct } from "constructs";
import { Role } from "../iam/role";
import { roleSettingsOf } from "../iam/role-settings";

/** The public parameter that names AWS's newest image, an image's id, or the name of the account's own. */
export type WorkerImage =
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "id"; readonly amiId: string }
  | { readonly kind: "name"; readonly amiName: string };

/** Instances of one architecture. */
export interface WorkerMachine {
  /** As EC2 names it; the image must suit. */
  readonly architecture: string;
  readonly image: WorkerImage;
  /** The first is the first choice; the group's mixed instances policy names all. */
  readonly instanceTypes: readonly [string, ...string[]];
}

export interface WorkerTemplateProps {
  /** Of the first machine's; the others' end with their architecture. */
  readonly templateName: string;
  readonly roleName: string;
  /** A launch template for each: an image runs on one architecture only. */
  readonly machines: readonly [WorkerMachine, ...WorkerMachine[]];
  /** Ends of the names of further launch templates for each machine, which differ in what their user data says. @default none */
  readonly variants?: readonly string[];
  /** @default what an image found by name says of itself, else Amazon Linux's */
  readonly rootDeviceName?: string;
  readonly securityGroupId: string;
  readonly rootVolumeGibibytes: number;
  /** For ssh. @default none - nothing listens, and the security group lets nothing in */
  readonly keyPairName?: string;
  /** Tags of what is launched; the provider's default tags don't reach it. */
  readonly tags: Readonly<Record<string, string>>;
}

const AMAZON_LINUX_ROOT_DEVICE = "/dev/xvda";

/** Of a SHA-256 in hexadecimal: as many as tell deployments apart for ever. */
const VERSION_DIGITS = 16;

/** A launch template, as a group names it. */
export interface TemplateVersion {
  readonly templateId: string;
  readonly latestVersion: string;
}

/** The machines' own, without anything of a variant. */
const PLAIN = "";

interface MadeTemplate {
  readonly architecture: string;
  readonly variant: string;
  /** Ends its name: the first machine's is plain. */
  readonly suffix: string;
  readonly resource: LaunchTemplate;
  readonly version: TemplateVersion;
}

/**
 * What a worker's instance is, with one role for those of every architecture. It names no zone (requirement S1.60) and asks for no spot: a
 * group with a mixed instances policy refuses a template that does either.
 */
export class WorkerTemplate extends Construct {
  public readonly role: Role;
  readonly #templates: readonly MadeTemplate[];

  public constructor(scope: Construct, id: string, props: WorkerTemplateProps) {
    super(scope, id);
    this.role = new Role(this, "Role", {
      roleName: props.roleName,
      description: "Permissions of the workers on the fleet",
      trustedService: "ec2.amazonaws.com",
    });
    const { path } = roleSettingsOf(this);
    const profile = new IamInstanceProfile(this, "Profile", {
      name: props.roleName,
      role: this.role.roleName,
      ...(path === undefined ? {} : { path }),
    });
    this.#templates = props.machines.flatMap((machine, index) => {
      const ofArchitecture = index === 0 ? "" : `-${machine.architecture}`;
      const image = imageOf(this, `Image${ofArchitecture}`, machine);
      return [PLAIN, ...(props.variants ?? [])].map((variant): MadeTemplate => {
        const suffix = variant + ofArchitecture;
        const resource = this.#makeTemplate(props, machine, image, profile.arn, suffix);
        const version = { templateId: resource.id, latestVersion: resource.latestVersion.toString() };
        return { architecture: machine.architecture, variant, suffix, resource, version };
      });
    });
  }

  /** @throws RangeError for an architecture that no machine was given of, and for a variant that was not given */
  public templateOf(architecture: string, variant: string = PLAIN): TemplateVersion {
    const template = this.#templates.find((each) => each.architecture === architecture && each.variant === variant);
    if (template === undefined)
      throw new RangeError(
        `there is no template for ${architecture}${variant}, but for ${this.#templates.map((each) => each.architecture + each.variant).join()}`,
      );
    return template.version;
  }

  /**
   * Sets what instances run at their first start; after the grants, since it may name what they are on.
   *
   * @param scriptOf the script for a version on an architecture, of a variant or (empty) of none
   * @returns the version, the same on each: it changes with everything else that any of the scripts says, program and settings
   */
  public setUserData(scriptOf: (version: string, architecture: string, variant: string) => string): string {
    // through locals: cdktf escapes a quoted text with references wrongly inside a function call
    const unversioned = this.#templates.map(
      ({ architecture, suffix, variant }) =>
        new TerraformLocal(this, `unversioned-user-data${suffix}`, scriptOf("", architecture, variant)),
    );
    const [only, ...others] = unversioned;
    const hashed =
      only === undefined || others.length > 0
        ? new TerraformLocal(this, "unversioned-scripts", unversioned.map((script) => script.asString).join(""))
        : only;
    const version = Token.asString(Fn.substr(Fn.sha256(hashed.asString), 0, VERSION_DIGITS));
    for (const { architecture, resource, suffix, variant } of this.#templates) {
      const text = new TerraformLocal(this, `user-data${suffix}`, scriptOf(version, architecture, variant));
      resource.userData = Fn.base64encode(text.asString);
    }
    return version;
  }

  #makeTemplate(props: WorkerTemplateProps, machine: WorkerMachine, image: FoundImage, profileArn: string, suffix: string): LaunchTemplate {
    const tags = { ...props.tags };
    return new LaunchTemplate(this, `Resource${suffix}`, {
      name: props.templateName + suffix,
      description: "A worker: see docs/infrastructure.md",
      updateDefaultVersion: true,
      imageId: image.id,
      instanceType: machine.instanceTypes[0],
      iamInstanceProfile: { arn: profileArn },
      vpcSecurityGroupIds: [props.securityGroupId],
      ebsOptimized: String(machine.instanceTypes.every(isEbsOptimized)),
      // IMDSv2 only; one hop, since nothing runs in a container. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        // of another name it would be one more volume, and the root would stay as small and plain as the image has it
        {
          deviceName: props.rootDeviceName ?? image.rootDeviceName,
          ebs: { volumeType: "gp3", volumeSize: props.rootVolumeGibibytes, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
      ...(props.keyPairName === undefined ? {} : { keyName: props.keyPairName }),
    });
  }
}

interface FoundImage {
  readonly id: string;
  readonly rootDeviceName: string;
}

/** An image that is pending is not found: a group must not launch from it (requirement S1.57). */
function imageOf(scope: Construct, id: string, { image, architecture }: WorkerMachine): FoundImage {
  switch (image.kind) {
    case "id":
      return { id: image.amiId, rootDeviceName: AMAZON_LINUX_ROOT_DEVICE };
    case "parameter":
      return { id: new DataAwsSsmParameter(scope, id, { name: image.name }).insecureValue, rootDeviceName: AMAZON_LINUX_ROOT_DEVICE };
    case "name": {
      const found = new DataAwsAmi(scope, id, {
        // anybody may publish an image under any name
        owners: ["self"],
        mostRecent: true,
        filter: [
          { name: "name", values: [image.amiName] },
          { name: "state", values: ["available"] },
          { name: "architecture", values: [architecture] },
        ],
      });
      return { id: found.id, rootDeviceName: found.rootDeviceName };
    }
  }
}

/** Old burstable types have no dedicated bandwidth to EBS, and a launch that asks for it fails. */
const isEbsOptimized = (instanceType: string): boolean => !instanceType.startsWith("t2.");
