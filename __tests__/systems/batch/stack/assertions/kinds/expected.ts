import { expect } from "expect";
import type { EnvironmentConfig } from "../../../../../../systems/batch/config/schema";
import { isJsonText } from "../../../../../support/json-text";
import { allResources, constructPathOf, type SynthesizedStack } from "../../../../../support/synth";

/** Bodies of resources by type, then by place in the construct tree. Text that holds JSON stands for its document. */
export type Expected = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** A sentence for people. */
export const WORDS: unknown = expect.stringMatching(/^[A-Z$].{15,}/);
/** Asserted elsewhere, and closer. */
export const ELSEWHERE: unknown = expect.anything();

/** `${type.id.attribute}` of the resource at a place. */
export type Reference = (type: string, place: string, attribute: string) => string;

export function referencesOf(stack: SynthesizedStack): Reference {
  const ids = new Map(allResources(stack).map((resource) => [`${resource.type} ${constructPathOf(resource)}`, resource.address]));
  return (type, place, attribute) => {
    const address = ids.get(`${type} ${place}`);
    if (address === undefined) throw new Error(`there is no ${type} at ${place}`);
    return attribute === "" ? address : `\${${address}.${attribute}}`;
  };
}

/** Zones of an environment that names them. */
export function namedZones({ availabilityZones: zones }: EnvironmentConfig): readonly string[] {
  if ("first" in zones) throw new Error("the zones are found when Terraform plans");
  return zones;
}

/** A body without some of its fields. */
export const without = (body: Readonly<Record<string, unknown>> | undefined, ...keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body ?? {}).filter(([key]) => !keys.includes(key)));

const documentOf = (value: unknown): unknown => (isJsonText(value) ? JSON.parse(value) : value);

/** What is synthesized, in the same form, without notes of the synthesis and without tags, which are asserted over all kinds. */
export function bodiesOf(stack: SynthesizedStack): Record<string, Record<string, Record<string, unknown>>> {
  const found: Record<string, Record<string, Record<string, unknown>>> = {};
  for (const resource of allResources(stack)) {
    (found[resource.type] ??= {})[constructPathOf(resource)] = Object.fromEntries(
      Object.entries(without(resource.body, "//", "tags")).map(([key, value]) => [key, documentOf(value)]),
    );
  }
  return found;
}
