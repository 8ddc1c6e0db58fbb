import { z } from "zod";

/**
 * A plan as `terraform show -json PLAN` and `tofu show -json PLAN` print it, as far as a review reads it. Minor versions of the format add
 * fields only, so unknown ones are let pass.
 *
 * @see https://developer.hashicorp.com/terraform/internals/json-format
 */
const ACTIONS = ["no-op", "create", "read", "update", "delete", "forget"] as const;

const changeSchema = z.object({
  actions: z.array(z.enum(ACTIONS)).min(1),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  /** Of the shape of `after`: true where the value is known after apply only. */
  after_unknown: z.unknown().optional(),
  /** Of the shape of the value: true where it must not be shown. */
  before_sensitive: z.unknown().optional(),
  after_sensitive: z.unknown().optional(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  importing: z.looseObject({}).optional(),
});

const resourceChangeSchema = z.object({
  address: z.string().min(1),
  previous_address: z.string().optional(),
  module_address: z.string().optional(),
  mode: z.enum(["managed", "data"]),
  type: z.string().min(1),
  name: z.string(),
  provider_name: z.string().optional(),
  /** An object that a failed replacement left behind. */
  deposed: z.string().optional(),
  change: changeSchema,
  action_reason: z.string().optional(),
});
export type PlannedResource = z.output<typeof resourceChangeSchema>;

const configuredResourceSchema = z.object({
  address: z.string(),
  mode: z.string(),
  expressions: z.record(z.string(), z.unknown()).optional(),
});

interface ConfiguredModule {
  readonly resources?: readonly z.output<typeof configuredResourceSchema>[] | undefined;
  readonly module_calls?: Readonly<Record<string, { readonly module?: ConfiguredModule | undefined }>> | undefined;
}
const configuredModuleSchema: z.ZodType<ConfiguredModule> = z.lazy(() =>
  z.object({
    resources: z.array(configuredResourceSchema).optional(),
    module_calls: z.record(z.string(), z.object({ module: configuredModuleSchema.optional() })).optional(),
  }),
);

export const planFileSchema = z.object({
  format_version: z.string().regex(/^1\.\d+$/, "the review knows versions 1.x of the plan's format"),
  terraform_version: z.string().optional(),
  resource_changes: z.array(resourceChangeSchema).default([]),
  resource_drift: z.array(resourceChangeSchema).default([]),
  configuration: z.object({ root_module: configuredModuleSchema.optional() }).optional(),
  /** false: targeting or deferral left something out. */
  complete: z.boolean().optional(),
  errored: z.boolean().optional(),
});
export type PlanFile = z.output<typeof planFileSchema>;
export type { ConfiguredModule };
