import { XmlNode, XmlText } from "@aws-sdk/xml-builder";
import type { NormalizedSchema } from "@smithy/core/schema";

export const textNode = (name: string, text: string): XmlNode => XmlNode.of(name, text);
export const node = (name: string, children: readonly XmlNode[]): XmlNode => new XmlNode(name, [...children]);

/**
 * Writes an object of a schema's shape as the nodes of an XML answer.
 *
 * @see https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings
 */
export function xmlNodes(schema: NormalizedSchema, value: object): XmlNode[] {
  const values = value as Readonly<Record<string, unknown>>;
  const nodes: XmlNode[] = [];
  if (schema.isUnitSchema()) return nodes;
  for (const [name, member] of schema.structIterator()) {
    const each = values[name];
    if (each !== undefined && each !== null) nodes.push(...memberNodes(member, nameOf(member, name), each));
  }
  return nodes;
}

function memberNodes(schema: NormalizedSchema, name: string, value: unknown): XmlNode[] {
  if (schema.isListSchema() && Array.isArray(value)) {
    const member = schema.getValueSchema();
    const isFlat = schema.getMergedTraits().xmlFlattened !== undefined;
    const items = value.flatMap((item) => memberNodes(member, isFlat ? name : nameOf(member, "member"), item));
    return isFlat ? items : [node(name, items)];
  }
  if (schema.isStructSchema() && typeof value === "object" && value !== null) return [node(name, xmlNodes(schema, value))];
  return [new XmlNode(name, [new XmlText(textOf(value))])];
}

const textOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));
const nameOf = (schema: NormalizedSchema, name: string): string => schema.getMergedTraits().xmlName ?? name;
