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

export interface WorkerTemplateProps {
  readonly templateName: string;
  readonly roleName: string;
  readonly image: WorkerImage;
  /** As EC2 names it; the image must suit. */
  readonly architecture: string;
  /** @default what an image found by name says of itself, else Amazon Linux's */
  readonly rootDeviceName?: string;
  /** The first choice; the group's mixed instances policy names the others. */
  readonly instanceType: string;
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

/**
 * What a worker's instance is. It names no zone (requirement S1.60) and asks for no spot: a group with a mixed instances policy refuses a
 * template that does either.
 */
export class WorkerTemplate extends Construct {
  public readonly templateId: string;
  public readonly latestVersion: string;
  public readonly role: Role;
  readonly #template: LaunchTemplate;

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
    const tags = { ...props.tags };
    const image = imageOf(this, props);
    this.#template = new LaunchTemplate(this, "Resource", {
      name: props.templateName,
      description: "A worker: see docs/infrastructure.md",
      updateDefaultVersion: true,
      imageId: image.id,
      instanceType: props.instanceType,
      iamInstanceProfile: { arn: profile.arn },
      vpcSecurityGroupIds: [props.securityGroupId],
      ebsOptimized: ebsOptimized(props.instanceType),
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
    this.templateId = this.#template.id;
    this.latestVersion = this.#template.latestVersion.toString();
  }

  /**
   * Sets what instances run at their first start; after the grants, since it may name what they are on.
   *
   * @param scriptOf the script for a version
   * @returns the version: it changes with everything else that the script says, program and settings
   */
  public setUserData(scriptOf: (version: string) => string): string {
    // through locals: cdktf escapes a quoted text with references wrongly inside a function call
    const unversioned = new TerraformLocal(this, "unversioned-user-data", scriptOf(""));
    const version = Token.asString(Fn.substr(Fn.sha256(unversioned.asString), 0, VERSION_DIGITS));
    const text = new TerraformLocal(this, "user-data", scriptOf(version));
    this.#template.userData = Fn.base64encode(text.asString);
    return version;
  }
}

/** An image that is pending is not found: a group must not launch from it (requirement S1.57). */
function imageOf(
  scope: Construct,
  { image, architecture }: Pick<WorkerTemplateProps, "architecture" | "image">,
): { readonly id: string; readonly rootDeviceName: string } {
  switch (image.kind) {
    case "id":
      return { id: image.amiId, rootDeviceName: AMAZON_LINUX_ROOT_DEVICE };
    case "parameter":
      return { id: new DataAwsSsmParameter(scope, "Image", { name: image.name }).insecureValue, rootDeviceName: AMAZON_LINUX_ROOT_DEVICE };
    case "name": {
      const found = new DataAwsAmi(scope, "Image", {
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
const ebsOptimized = (instanceType: string): string => (instanceType.startsWith("t2.") ? "false" : "true");
