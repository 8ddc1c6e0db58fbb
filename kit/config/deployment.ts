import { z } from "zod";
import { stackNameOf } from "../lib/stack-marks";
import { ConfigurationError } from "./errors";
import { variable } from "./variables";

/** Small letters, digits and dashes: the part of S3's bucket naming rules that needs no thought. */
const bucketNamePart = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, "small letters, digits and dashes, at most 32");
export const bucketNameSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "not a bucket name");

const backendSchema = z.discriminatedUnion("kind", [
  /** A file in the project. */
  z.object({ kind: z.literal("local") }),
  z.object({ kind: z.literal("s3"), bucket: bucketNameSchema, key: z.string().min(1), region: z.string().min(1) }),
]);

/** What the configuration of every system says of its deployment, beside `name`, its environment. For a `z.strictObject`. */
export const deploymentShape = {
  region: z.string().regex(/^[a-z]{2}-[a-z]+-\d$/),
  /** In front of the names of queues, tables, functions, roles: needed when two environments share an account and region. */
  namePrefix: z.string().regex(/^([a-z][a-z0-9-]{0,18}-)?$/, "empty, or letters, digits and dashes that end with a dash"),
  /** Bucket names are `<prefix>-<what>-<owner>` (requirement S1.41); they are global, so the owner must be your own. */
  bucketPrefix: bucketNamePart,
  owner: bucketNamePart,
  /** Where Terraform keeps the stack's state. */
  backend: backendSchema,
  /**
   * The account's own key in KMS, of the same region, for all that is stored: buckets, queues, tables, logs, variables of functions.
   *
   * @default keys of AWS's - everything is encrypted all the same, at no charge
   */
  kmsKeyArn: z
    .string()
    .regex(
      /^arn:aws:kms:[a-z]{2}-[a-z]+-\d:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){2}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/,
      "not the ARN of a key (an alias is none)",
    )
    .optional(),
  /** A managed policy that bounds every role of the stack. @default none */
  permissionsBoundaryArn: z
    .string()
    .regex(/^arn:aws:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,512}$/, "not the ARN of a managed policy")
    .optional(),
  /** Where the stack's roles are in IAM. @default `/` */
  rolePath: z
    .string()
    .regex(/^\/([\w+=,.@-]+\/)+$/, "a path that begins and ends with a slash, such as /team/filemill/")
    .max(512)
    .optional(),
} as const;
export type Deployment = z.output<z.ZodObject<typeof deploymentShape>> & { /** The environment. */ readonly name: string };

/** The variables of `deploymentShape`. docs/infrastructure.md describes each. */
export const deploymentVariables = {
  FILEMILL_OWNER: variable(deploymentShape.owner, "small letters, digits and dashes, at most 32, as bucket names have them"),
  FILEMILL_BUCKET_PREFIX: variable(deploymentShape.bucketPrefix, "small letters, digits and dashes, at most 32, as bucket names have them"),
  FILEMILL_NAME_PREFIX: variable(
    deploymentShape.namePrefix,
    "empty, or letters, digits and dashes, at most 20, that end with a dash, such as second-",
  ),
  FILEMILL_REGION: variable(deploymentShape.region, "a region, such as eu-west-1"),
  /** Bucket of the Terraform state; without it the state is a file in the project. */
  FILEMILL_TERRAFORM_STATE_BUCKET: variable(bucketNameSchema, "a bucket's name"),
  FILEMILL_KMS_KEY_ARN: variable(
    deploymentShape.kmsKeyArn.unwrap(),
    "a key's ARN, such as arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-96ef-1234567890ab; an alias is none",
  ),
  FILEMILL_PERMISSIONS_BOUNDARY_ARN: variable(
    deploymentShape.permissionsBoundaryArn.unwrap(),
    "a managed policy's ARN, such as arn:aws:iam::123456789012:policy/boundary",
  ),
  FILEMILL_ROLE_PATH: variable(deploymentShape.rolePath.unwrap(), "a path that begins and ends with a slash, such as /team/filemill/"),
} as const;

/**
 * An environment's deployment with the values that variables give in place of its own.
 *
 * @param system in the key of the state: each system's stack has a state of its own
 * @throws ConfigurationError for a key of another region
 */
export function deployedAs(
  system: string,
  base: Deployment,
  given: z.output<z.ZodObject<typeof deploymentVariables>>,
): Omit<Deployment, "name"> {
  const region = given.FILEMILL_REGION ?? base.region;
  const kmsKeyArn = given.FILEMILL_KMS_KEY_ARN ?? base.kmsKeyArn;
  if (kmsKeyArn !== undefined && kmsKeyArn.split(":")[3] !== region)
    throw new ConfigurationError(
      "FILEMILL_KMS_KEY_ARN",
      `  '${kmsKeyArn}' is not a key of the region ${region}`,
      "give a key of the stack's own region: services use no other's",
    );
  const stateBucket = given.FILEMILL_TERRAFORM_STATE_BUCKET;
  return {
    region,
    kmsKeyArn,
    permissionsBoundaryArn: given.FILEMILL_PERMISSIONS_BOUNDARY_ARN ?? base.permissionsBoundaryArn,
    rolePath: given.FILEMILL_ROLE_PATH ?? base.rolePath,
    namePrefix: given.FILEMILL_NAME_PREFIX ?? base.namePrefix,
    bucketPrefix: given.FILEMILL_BUCKET_PREFIX ?? base.bucketPrefix,
    owner: given.FILEMILL_OWNER ?? base.owner,
    backend:
      stateBucket === undefined
        ? base.backend
        : { kind: "s3", bucket: stateBucket, key: `filemill/${stackNameOf(system, base.name)}.tfstate`, region },
  };
}
