import { ProvisioningError } from "./errors";
import { addressOf, isList, isObject, referencesIn, type Expression, type Reference, type Value } from "./hcl/expression";
import { parseAddress, parseTemplate } from "./hcl/parser";
import type { Body, StackFile } from "./stack-file";

/** A part of the stack that has a value: a resource, a data source or a local. */
export interface Node {
  readonly address: string;
  readonly reference: Reference;
  /** Arguments still to be evaluated, without Terraform's own ones. */
  readonly given: Value;
  /** Addresses of the nodes that must have their values first. */
  readonly after: readonly string[];
}

export interface StackGraph {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly outputs: Readonly<Record<string, Value>>;
  /** Parses a text of the stack, once. */
  readonly parse: (text: string, address: string) => Expression;
}

/** Arguments that Terraform reads itself. https://developer.hashicorp.com/terraform/language/meta-arguments */
const IGNORED_META: readonly string[] = ["//", "lifecycle", "provider", "depends_on"];
const UNSUPPORTED_META: readonly string[] = ["count", "for_each", "provisioner", "connection", "dynamic"];

/**
 * Reads a stack into nodes with their dependencies. All that can be wrong with it whatever makes it is found here: bad expressions,
 * references to nothing, circles.
 *
 * @throws ProvisioningError and its kinds, with the address
 */
export function buildGraph(stack: StackFile): StackGraph {
  const parsed = new Map<string, Expression>();
  const parse = (text: string, address: string): Expression => {
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const expression = parseTemplate(text, address);
    parsed.set(text, expression);
    return expression;
  };
  const nodes = new Map<string, Node>();
  const add = (reference: Reference, given: Value, dependsOn?: Value): void => {
    const address = addressOf(reference);
    const after = [...referencesOf(given, address, parse), ...explicitDependencies(dependsOn, address)].map(addressOf);
    nodes.set(address, { address, reference, given, after: [...new Set(after)] });
  };
  for (const [name, given] of Object.entries(stack.locals)) if (name !== "//") add({ kind: "local", type: "", name }, given);
  for (const kind of ["resource", "data"] as const) {
    for (const [type, named] of Object.entries(stack[kind])) {
      for (const [name, body] of Object.entries(named)) {
        const reference = { kind, type, name } as const;
        add(reference, withoutMeta(body, addressOf(reference)), body["depends_on"]);
      }
    }
  }
  const outputs = Object.fromEntries(Object.entries(stack.output).map(([name, { value }]) => [name, value]));
  checkReferences(nodes, outputs, parse);
  checkCircles(nodes);
  return { nodes, outputs, parse };
}

function withoutMeta(body: Body, address: string): Value {
  const unsupported = UNSUPPORTED_META.find((name) => name in body);
  if (unsupported !== undefined) {
    throw new ProvisioningError(
      address,
      `the local run doesn't support the meta-argument ${unsupported}`,
      "make the resources one by one in the construct",
    );
  }
  return Object.fromEntries(Object.entries(body).filter(([name]) => !IGNORED_META.includes(name)));
}

function referencesOf(given: Value, address: string, parse: StackGraph["parse"]): Reference[] {
  if (typeof given === "string") return referencesIn(parse(given, address));
  if (isList(given)) return given.flatMap((item) => referencesOf(item, address, parse));
  if (!isObject(given)) return [];
  return Object.entries(given).flatMap(([key, item]) => [...referencesIn(parse(key, address)), ...referencesOf(item, address, parse)]);
}

/** `depends_on` names parts without an interpolation around them. */
function explicitDependencies(dependsOn: Value | undefined, address: string): Reference[] {
  if (!isList(dependsOn)) return [];
  return dependsOn.flatMap((part) => (typeof part === "string" ? parseAddress(part, address) : []));
}

function checkReferences(nodes: ReadonlyMap<string, Node>, outputs: StackGraph["outputs"], parse: StackGraph["parse"]): void {
  const check = (address: string, references: readonly Reference[]): void => {
    const missing = references.map(addressOf).find((each) => !nodes.has(each));
    if (missing === undefined) return;
    throw new ProvisioningError(address, `${missing} is referred to and doesn't exist`, "correct the construct that makes the reference");
  };
  for (const node of nodes.values()) {
    check(node.address, referencesOf(node.given, node.address, parse));
    const missing = node.after.find((address) => !nodes.has(address));
    if (missing !== undefined)
      throw new ProvisioningError(node.address, `it depends on ${missing}, which doesn't exist`, "correct depends_on");
  }
  for (const [name, value] of Object.entries(outputs)) check(`output.${name}`, referencesOf(value, `output.${name}`, parse));
}

/** A circle would wait for itself for ever. */
function checkCircles(nodes: ReadonlyMap<string, Node>): void {
  const done = new Set<string>();
  const visit = (address: string, path: readonly string[]): void => {
    if (done.has(address)) return;
    if (path.includes(address)) {
      const circle = [...path.slice(path.indexOf(address)), address];
      throw new ProvisioningError(address, `it depends on itself: ${circle.join(" -> ")}`, "break the circle in the constructs");
    }
    for (const next of nodes.get(address)?.after ?? []) visit(next, [...path, address]);
    done.add(address);
  };
  for (const address of nodes.keys()) visit(address, []);
}
