import { z } from "zod";
import { ENVIRONMENT_NAMES, type EnvironmentName } from "./environment-names";
import { EGRESS_KINDS, environmentSchema } from "./schema";

/**
 * A variable's value, checked by itself: what is wrong names the variable, its value and what it may be. What doesn't fit the rest of the
 * configuration is found afterwards, by the environment's schema.
 */
const variable = <S extends z.ZodType>(schema: S, expected: string) =>
  z
    .string()
    .transform((text, context): z.output<S> => {
      const parsed = schema.safeParse(text.trim());
      if (parsed.success) return parsed.data;
      context.addIssue({ code: "custom", message: `must be ${expected}; set it so, or unset it` });
      return z.NEVER;
    })
    .optional();

const count = (minimum: number, maximum: number) =>
  variable(
    z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(minimum).max(maximum)),
    `a whole number from ${minimum} to ${maximum}`,
  );

/** Parts between commas; none is empty. */
const list = (part: z.ZodType<string, string>, minimum: number, maximum: number) =>
  z
    .string()
    .transform((text) => text.split(",").map((each) => each.trim()))
    .pipe(z.array(part).min(minimum).max(maximum));

const { shape } = environmentSchema;
const YES_OR_NO = ["yes", "no"] as const;

/**
 * The variables that `synth` reads; what is absent keeps the environment's own value. docs/infrastructure.md describes each, and a test
 * compares.
 */
export const overridesSchema = z.object({
  /** @default dev - the one to experiment with */
  FILEMILL_ENVIRONMENT: z
    .enum(ENVIRONMENT_NAMES, {
      error: ({ input }) => `there is no environment ${JSON.stringify(input)}; there are ${ENVIRONMENT_NAMES.join(", ")}`,
    })
    .default("dev" satisfies EnvironmentName),
  FILEMILL_OWNER: variable(shape.owner, "small letters, digits and dashes, at most 32, as bucket names have them"),
  FILEMILL_BUCKET_PREFIX: variable(shape.bucketPrefix, "small letters, digits and dashes, at most 32, as bucket names have them"),
  FILEMILL_NAME_PREFIX: variable(
    shape.namePrefix,
    "empty, or letters, digits and dashes, at most 20, that end with a dash, such as second-",
  ),
  FILEMILL_REGION: variable(shape.region, "a region, such as eu-west-1"),
  FILEMILL_ZONES: variable(
    list(z.string().regex(/^[a-z]{2}-[a-z]+-\d[a-z]$/), 2, 6),
    "two to six zones with commas between, such as us-west-1a,us-west-1c",
  ),
  /** Buckets that batches may read. */
  FILEMILL_SOURCE_BUCKETS: variable(list(shape.sourceBuckets.element, 1, 1_000), "names of buckets with commas between"),
  FILEMILL_EGRESS: variable(z.enum(EGRESS_KINDS), `one of ${EGRESS_KINDS.join(", ")}`),
  FILEMILL_INSTANCE_TYPES: variable(
    list(z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9]+$/), 1, 40),
    "one to 40 instance types with commas between, best first, such as c5.large,m5.large",
  ),
  FILEMILL_MAXIMUM_INSTANCES: count(1, 5_000),
  FILEMILL_FLEET_CONCURRENCY: count(1, 10_000),
  FILEMILL_LAMBDA_CONCURRENCY: count(1, 10_000),
  FILEMILL_RESERVED_LAMBDA_CONCURRENCY: count(1, 100_000),
  FILEMILL_MAXIMUM_OPEN_BATCHES: count(1, 100),
  FILEMILL_AMI_ID: variable(z.string().regex(/^ami-[0-9a-f]{8,17}$/), "an image's id, such as ami-0123456789abcdef0"),
  FILEMILL_AMI_NAME: variable(
    z.string().regex(/^[A-Za-z0-9()[\] ./'@_-]{3,128}$/),
    "an image's name of 3 to 128 characters, such as wordfreq-worker-ami",
  ),
  FILEMILL_ROOT_DEVICE: variable(z.string().regex(/^\/dev\/[a-z]{3,4}[0-9]?$/), "a device, such as /dev/xvda or /dev/sda1"),
  FILEMILL_KEY_PAIR: variable(z.string().min(1).max(255), "a key pair's name of 1 to 255 characters"),
  FILEMILL_RESULTS_ARE_READ: variable(
    z.enum(YES_OR_NO).transform((word) => word === "yes"),
    `one of ${YES_OR_NO.join(", ")}`,
  ),
  /** `coursework` only: the policy as built, or the optimised one. */
  FILEMILL_SCALING: variable(z.enum(["simple", "step"]), "one of simple, step"),
  /** Bucket of the Terraform state; without it the state is a file beside the stack. */
  FILEMILL_TERRAFORM_STATE_BUCKET: variable(shape.sourceBuckets.element, "a bucket's name"),
});
export type Overrides = z.output<typeof overridesSchema>;
