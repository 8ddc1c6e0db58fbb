import path from "node:path";
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
export async function provisionStack({ stackFile, clients, signal }: ProvisionOptions): Promise<ProvisionedStack> {
  const graph = buildGraph(await readStackFile(stackFile));
  const types = typesOf(graph);
  const directory = path.dirname(path.resolve(stackFile));
  const context: ResourceContext = { clients, region: LOCAL_REGION, accountId: LOCAL_ACCOUNT_ID, directory };
  return new Provisioning(graph, types, context, signal).run();
}

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
  private readonly started = new Map<string, Promise<void>>();
  private readonly stopped = new AbortController();
  private readonly signal: AbortSignal;
  private readonly scope: Scope;

  public constructor(
    private readonly graph: StackGraph,
    private readonly types: ReadonlyMap<string, ResourceType>,
    private readonly context: ResourceContext,
    signal: AbortSignal | undefined,
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
        return reference.kind === "resource" && isObject(attributes) ? [{ address, type: reference.type, attributes }] : [];
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
    const attributes = type === undefined || !isObject(given) ? undefined : await type.create(given, this.context, node.address);
    this.values.set(node.address, attributes === undefined || !isObject(given) ? given : { ...given, ...attributes });
  }

  private evaluate(value: Value, address: string): Value {
    return evaluateDeep(value, (text) => this.graph.parse(text, address), this.scope, address);
  }
}
