import { planFileSchema, type ConfiguredModule, type PlanFile, type PlannedResource } from "./plan-format";
import { valueAt, withUnknown, type Path, type Value } from "./values";

/** What is to happen to a resource. `none`: it stays as it is. `forget`: Terraform lets go of it, and it stays. */
export type Action = "none" | "create" | "update" | "replace" | "destroy" | "forget";

/** One resource of a plan. */
export interface ResourceChange {
  readonly address: string;
  /** Its address before, where it moved. */
  readonly movedFrom?: string;
  readonly isImported: boolean;
  readonly type: string;
  readonly action: Action;
  /** Why, as Terraform names it: `replace_because_cannot_update`. */
  readonly reason?: string;
  /** Attributes that force the replacement. */
  readonly replacedFor: readonly Path[];
  /** null: it does not exist before, or after. */
  readonly before: Value;
  /** With UNKNOWN for what is known after apply only. */
  readonly after: Value;
  readonly sensitiveBefore: unknown;
  readonly sensitiveAfter: unknown;
}

/** A plan, made ready for rules. */
export class Plan {
  public readonly changes: readonly ResourceChange[];
  /** What was changed past Terraform since its last apply. */
  public readonly drift: readonly ResourceChange[];
  public readonly isComplete: boolean;
  public readonly isErrored: boolean;
  private readonly byAddress: ReadonlyMap<string, ResourceChange>;
  private readonly configured: ReadonlyMap<string, Readonly<Record<string, unknown>>>;

  /** @throws ZodError for what is no plan in JSON */
  public constructor(given: unknown) {
    const file = planFileSchema.parse(given);
    this.changes = changesOf(file.resource_changes);
    this.drift = changesOf(file.resource_drift);
    this.isComplete = file.complete ?? true;
    this.isErrored = file.errored ?? false;
    this.byAddress = new Map(this.changes.map((change) => [change.address, change]));
    this.configured = new Map(configuredIn(file));
  }

  public ofType(...types: readonly string[]): ResourceChange[] {
    return this.changes.filter(({ type }) => types.includes(type));
  }

  /** Whether the configuration says something of an attribute, or of blocks of that name. */
  public isConfigured({ address }: ResourceChange, name: string): boolean {
    return this.configured.get(withoutKeys(address))?.[name] !== undefined;
  }

  /** Resources that an attribute of a resource refers to, as the configuration says; none where it says a value. */
  public referred(change: ResourceChange, path: Path): ResourceChange[] {
    const [module, own] = splitAddress(change.address);
    const expressions = this.configured.get(withoutKeys(change.address));
    if (expressions === undefined) return [];
    const found = valueAt(expressions as Readonly<Record<string, Value>>, path);
    const key = /\[[^\]]*\]$/.exec(own)?.[0] ?? "";
    return referencesIn(found).flatMap((reference) => {
      const target = module + reference;
      const one = this.byAddress.get(target) ?? this.byAddress.get(target + key) ?? this.byAddress.get(`${target}[0]`);
      return one === undefined ? [] : [one];
    });
  }
}

const changesOf = (resources: readonly PlannedResource[]): ResourceChange[] =>
  resources.flatMap((resource) => {
    const { address, change, mode, previous_address: movedFrom, type } = resource;
    if (mode !== "managed") return [];
    return [
      {
        address: resource.deposed === undefined ? address : `${address} (deposed ${resource.deposed})`,
        ...(movedFrom === undefined || movedFrom === address ? {} : { movedFrom }),
        isImported: change.importing !== undefined,
        type,
        action: actionOf(change.actions),
        ...(resource.action_reason === undefined ? {} : { reason: resource.action_reason }),
        replacedFor: change.replace_paths ?? [],
        before: withUnknown(change.before, undefined),
        after: withUnknown(change.after, change.after_unknown),
        sensitiveBefore: change.before_sensitive,
        sensitiveAfter: change.after_sensitive,
      },
    ];
  });

function actionOf(actions: PlannedResource["change"]["actions"]): Action {
  const all = new Set(actions);
  // either order: create_before_destroy
  if (all.has("create") && all.has("delete")) return "replace";
  if (all.has("create")) return all.has("forget") ? "replace" : "create";
  if (all.has("delete")) return "destroy";
  if (all.has("forget")) return "forget";
  return all.has("update") ? "update" : "none";
}

function* configuredIn({ configuration }: PlanFile): Generator<[string, Readonly<Record<string, unknown>>]> {
  yield* inModule(configuration?.root_module ?? {}, "");
}

function* inModule(
  { module_calls: calls = {}, resources = [] }: ConfiguredModule,
  prefix: string,
): Generator<[string, Readonly<Record<string, unknown>>]> {
  for (const { address, expressions } of resources) if (expressions !== undefined) yield [prefix + address, expressions];
  for (const [name, { module }] of Object.entries(calls)) if (module !== undefined) yield* inModule(module, `${prefix}module.${name}.`);
}

/** `module.a["x"].aws_sqs_queue.b[0]` is configured as `module.a.aws_sqs_queue.b`. */
const withoutKeys = (address: string): string => address.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g, "");

/** The module's part, with its dot, and the resource's own. */
function splitAddress(address: string): [module: string, own: string] {
  const found = /^((?:module\.[^.[]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)*)(.*)$/.exec(address);
  return [found?.[1] ?? "", found?.[2] ?? address];
}

/** Addresses that an expression names: `aws_sqs_queue.a.arn` and `aws_sqs_queue.a` are one. */
function referencesIn(expression: Value): string[] {
  if (typeof expression !== "object" || expression === null) return [];
  if (Array.isArray(expression)) return (expression as readonly Value[]).flatMap((each) => referencesIn(each));
  const { references } = expression as { readonly references?: Value };
  const own = Array.isArray(references) ? (references as readonly Value[]).filter((each): each is string => typeof each === "string") : [];
  const addresses = own.filter((reference) => /^[a-z0-9]+_\w+\.[\w-]+$/i.test(reference) && !reference.startsWith("data."));
  return [...new Set(addresses)];
}
