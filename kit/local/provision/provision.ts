import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from "../emulator/emulator";
import { UnknownDataSourceError, UnknownResourceTypeError } from "../errors";
import { evaluateDeep, type Scope } from "../../graph/hcl/evaluate";
import { addressOf, isObject, type ObjectValue, type Value } from "../../graph/hcl/expression";
import { buildGraph, type Node, type StackGraph } from "../../graph/stack-graph";
import { readStackFile } from "../../graph/stack-file";
import type { Clients } from "./clients";
import { DATA_SOURCES } from "./data-sources";
import type { ResourceContext, ResourceType } from "./resource-type";
import { RESOURCE_TYPES } from "./resources";

/** A created resource: its arguments, evaluated, with the attributes that creating it added. */
export interface ProvisionedResource {
  readonly address: string;
  readonly type: string;
  readonly attributes: ObjectValue;
  /** The arguments alone. */
  readonly given?: ObjectValue;
}

/** What a newer version of a stack file made of a provisioned stack, by addresses of resources. */
export interface StackChanges {
  /** Changed by calls, as a deployment changes them. */
  readonly updated: readonly string[];
  readonly created: readonly string[];
  /** Changed, and the emulator has no more than a record of them: what reads their arguments reads the new ones. */
  readonly recorded: readonly string[];
  /** Changed, and left as they were: the local run doesn't know how to change one. */
  readonly left: readonly string[];
  /** In the newer version no more; left as they were. */
  readonly gone: readonly string[];
}

export interface ProvisionedStack {
  readonly resources: readonly ProvisionedResource[];
  readonly outputs: Readonly<Record<string, Value>>;
}

export interface ProvisionOptions {
  /** cdk.tf.json; its folder is where the file names in it begin. */
  readonly stackFile: string;
  readonly clients: Clients;
  readonly signal?: AbortSignal;
}

/**
 * Creates everything of a synthesized stack in the emulator, each part as soon as what it refers to exists.
 *
 * @throws ProvisioningError and its kinds, after every call under way has ended
 */
export async function provisionStack(options: ProvisionOptions): Promise<ProvisionedStack> {
  const graph = buildGraph(await readStackFile(options.stackFile));
  return new Provisioning(graph, typesOf(graph), contextOf(options), options.signal, new Map()).run();
}

/** A stack that is there, with what its resources were made from. */
export interface UpdateOptions extends ProvisionOptions {
  readonly before: ProvisionedStack;
}

/**
 * Brings a provisioned stack to another version of its file, as a deployment does: what has changed is changed in place.
 *
 * @throws ProvisioningError and its kinds, after every call under way has ended
 */
export async function updateStack({
  before,
  ...options
}: UpdateOptions): Promise<{ readonly stack: ProvisionedStack; readonly changes: StackChanges }> {
  const graph = buildGraph(await readStackFile(options.stackFile));
  const known = new Map(before.resources.map((resource) => [resource.address, resource]));
  const provisioning = new Provisioning(graph, typesOf(graph), contextOf(options), options.signal, known);
  const stack = await provisioning.run();
  const gone = before.resources.flatMap(({ address }) => (graph.nodes.has(address) ? [] : [address]));
  return { stack, changes: { ...provisioning.changes, gone } };
}

const contextOf = ({ stackFile, clients }: ProvisionOptions): ResourceContext => ({
  clients,
  region: LOCAL_REGION,
  accountId: LOCAL_ACCOUNT_ID,
  directory: path.dirname(path.resolve(stackFile)),
});

/**
 * The type of each resource and data source, by address: what the local run can't make stops the start before the first call.
 *
 * @throws UnknownResourceTypeError, UnknownDataSourceError
 */
export function typesOf({ nodes }: StackGraph): ReadonlyMap<string, ResourceType> {
  const types = new Map<string, ResourceType>();
  for (const { address, reference } of nodes.values()) {
    if (reference.kind === "local") continue;
    const type = (reference.kind === "data" ? DATA_SOURCES : RESOURCE_TYPES).get(reference.type);
    if (type === undefined)
      throw new (reference.kind === "data" ? UnknownDataSourceError : UnknownResourceTypeError)(address, reference.type);
    types.set(address, type);
  }
  return types;
}

class Provisioning {
  private readonly values = new Map<string, Value>();
  private readonly given = new Map<string, ObjectValue>();
  private readonly started = new Map<string, Promise<void>>();
  private readonly stopped = new AbortController();
  public readonly changes = { updated: [] as string[], created: [] as string[], recorded: [] as string[], left: [] as string[] };
  private readonly signal: AbortSignal;
  private readonly scope: Scope;

  public constructor(
    private readonly graph: StackGraph,
    private readonly types: ReadonlyMap<string, ResourceType>,
    private readonly context: ResourceContext,
    signal: AbortSignal | undefined,
    /** What is there, by address. */
    private readonly before: ReadonlyMap<string, ProvisionedResource>,
  ) {
    this.signal = signal === undefined ? this.stopped.signal : AbortSignal.any([signal, this.stopped.signal]);
    // the graph has been checked: what is asked for exists, and comes first
    this.scope = { directory: context.directory, resolve: (reference) => this.values.get(addressOf(reference)) ?? null };
  }

  public async run(): Promise<ProvisionedStack> {
    const { nodes, outputs } = this.graph;
    const settled = await Promise.allSettled([...nodes.values()].map((node) => this.start(node)));
    // the first failure stopped the others: theirs only say so
    if (this.signal.aborted) throw this.signal.reason;
    for (const result of settled) if (result.status === "rejected") throw result.reason;
    return {
      resources: [...nodes.values()].flatMap(({ address, reference }) => {
        const attributes = this.values.get(address);
        const given = this.given.get(address) ?? {};
        return reference.kind === "resource" && isObject(attributes) ? [{ address, type: reference.type, attributes, given }] : [];
      }),
      outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, this.evaluate(value, `output.${name}`)])),
    };
  }

  private start(node: Node): Promise<void> {
    const known = this.started.get(node.address);
    if (known !== undefined) return known;
    const started = this.make(node).catch((error: unknown) => {
      this.stopped.abort(error);
      throw error;
    });
    this.started.set(node.address, started);
    return started;
  }

  private async make(node: Node): Promise<void> {
    const before = node.after.map((address) => this.graph.nodes.get(address)).filter((other) => other !== undefined);
    await Promise.all(before.map((other) => this.start(other)));
    this.signal.throwIfAborted();
    const given = this.evaluate(node.given, node.address);
    const type = this.types.get(node.address);
    this.values.set(node.address, type === undefined || !isObject(given) ? given : await this.apply(type, given, node));
  }

  private async apply(type: ResourceType, given: ObjectValue, { address, reference }: Node): Promise<ObjectValue> {
    this.given.set(address, given);
    const known = this.before.get(address);
    if (known === undefined) {
      if (reference.kind === "resource") this.changes.created.push(address);
      return { ...given, ...(await type.create(given, this.context, address)) };
    }
    if (isDeepStrictEqual(known.given, given)) return known.attributes;
    if (type.update !== undefined) {
      this.changes.updated.push(address);
      return { ...known.attributes, ...given, ...(await type.update(given, this.context, address)) };
    }
    if (type.notHonoured.type !== undefined) {
      this.changes.recorded.push(address);
      return { ...known.attributes, ...given };
    }
    this.changes.left.push(address);
    return known.attributes;
  }

  private evaluate(value: Value, address: string): Value {
    return evaluateDeep(value, (text) => this.graph.parse(text, address), this.scope, address);
  }
}
