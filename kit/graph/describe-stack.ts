import type { EvaluatedStack } from "./evaluated-stack";
import { evaluateDeep, type Scope } from "./hcl/evaluate";
import { addressOf, isObject, type ObjectValue, type Reference, type Value } from "./hcl/expression";
import type { Node, StackGraph } from "./stack-graph";

/** A resource type that is described and not made. */
export interface DescribedType {
  /** Arguments that it reads: no other is evaluated, so that no file is read that nobody needs. */
  readonly reads: readonly string[];
  /** What AWS would add to the arguments. */
  readonly attributes: (given: ObjectValue, address: string) => ObjectValue;
}

/** What a stack is described with. */
export interface Description {
  readonly types: ReadonlyMap<string, DescribedType>;
  /** Attributes of data sources, by type. */
  readonly data: ReadonlyMap<string, ObjectValue>;
  /** Files named in the stack are relative to it. */
  readonly directory: string;
}

/**
 * Evaluates the resources of the described types, and the outputs, without making anything. What they take of any other part, such as a
 * role's ARN, is the reference itself as a text: whoever looks it up finds nothing.
 *
 * @throws ProvisioningError and its kinds, with the address
 */
export function describeStack(graph: StackGraph, description: Description): EvaluatedStack {
  const evaluation = new Evaluation(graph, description);
  return {
    resources: [...graph.nodes.values()].flatMap(({ address, reference }) =>
      reference.kind === "resource" && description.types.has(reference.type)
        ? [{ address, type: reference.type, attributes: evaluation.described(reference) }]
        : [],
    ),
    outputs: Object.fromEntries(Object.entries(graph.outputs).map(([name, value]) => [name, evaluation.evaluate(value, `output.${name}`)])),
  };
}

/** Evaluates each part when it is first asked for; the graph has no circles. */
class Evaluation {
  private readonly values = new Map<string, Value>();
  private readonly scope: Scope;

  public constructor(
    private readonly graph: StackGraph,
    private readonly description: Description,
  ) {
    this.scope = { directory: description.directory, resolve: (reference) => this.resolve(reference) };
  }

  public described(reference: Reference): ObjectValue {
    const value = this.resolve(reference);
    return isObject(value) ? value : {};
  }

  public evaluate(value: Value, address: string): Value {
    return evaluateDeep(value, (text) => this.graph.parse(text, address), this.scope, address);
  }

  private resolve(reference: Reference): Value {
    const address = addressOf(reference);
    const known = this.values.get(address);
    if (known !== undefined) return known;
    const node = this.graph.nodes.get(address);
    const value = node === undefined ? null : this.valueOf(node);
    this.values.set(address, value);
    return value;
  }

  private valueOf({ address, given, reference }: Node): Value {
    if (reference.kind === "local") return this.evaluate(given, address);
    const type = reference.kind === "resource" ? this.description.types.get(reference.type) : undefined;
    if (type !== undefined) {
      const read = Object.fromEntries(Object.entries(isObject(given) ? given : {}).filter(([name]) => type.reads.includes(name)));
      const evaluated = this.evaluate(read, address);
      return isObject(evaluated) ? { ...evaluated, ...type.attributes(evaluated, address) } : null;
    }
    return (reference.kind === "data" ? this.description.data.get(reference.type) : undefined) ?? undescribed(address);
  }
}

/** Each attribute is its own reference, also those that are arguments: they may be made of files that nobody has built. */
const undescribed = (address: string): ObjectValue =>
  new Proxy<ObjectValue>({}, { get: (_target, name) => (typeof name === "string" ? `${address}.${name}` : undefined) });
