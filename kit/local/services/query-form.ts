import type { NormalizedSchema } from "@smithy/core/schema";
import { ServiceError } from "./service-error";

/** How a service writes lists into a form: `Name.member.1` as most do, or `Name.1` as EC2 does. */
export type QueryDialect = "query" | "ec2";

/**
 * Reads a call's parameters from its form, as the SDK's own schema of the call says what they are.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 * @see https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 * @returns an object of the schema's shape; what the form leaves out is not there
 * @throws ServiceError for a value that is none of its kind
 */
export const readForm = (schema: NormalizedSchema, form: URLSearchParams, dialect: QueryDialect): object =>
  new FormReader(form, dialect).struct(schema, "");

class FormReader {
  private readonly keys: readonly string[];

  public constructor(
    private readonly form: URLSearchParams,
    private readonly dialect: QueryDialect,
  ) {
    this.keys = [...form.keys()];
  }

  public struct(schema: NormalizedSchema, prefix: string): object {
    const values: Record<string, unknown> = {};
    for (const [name, member] of schema.structIterator()) {
      const value = this.value(member, prefix + this.keyOf(name, member));
      if (value !== undefined) values[name] = value;
    }
    return values;
  }

  private value(schema: NormalizedSchema, key: string): unknown {
    if (schema.isListSchema()) return this.list(schema, key);
    if (schema.isStructSchema()) return this.has(key) ? this.struct(schema, `${key}.`) : undefined;
    const text = this.form.get(key);
    return text === null ? undefined : scalar(schema, text, key);
  }

  private list(schema: NormalizedSchema, key: string): unknown[] | undefined {
    const member = schema.getValueSchema();
    const isFlat = this.dialect === "ec2" || schema.getMergedTraits().xmlFlattened !== undefined;
    const prefix = isFlat ? `${key}.` : `${key}.${namesOf(member).xmlName ?? "member"}.`;
    const indices = new Set(
      this.keys.flatMap((each) => (each.startsWith(prefix) ? (/^\d+(?=\.|$)/.exec(each.slice(prefix.length)) ?? []) : [])),
    );
    if (indices.size > 0) return [...indices].sort((a, b) => Number(a) - Number(b)).map((index) => this.value(member, prefix + index));
    // an empty list is sent as its name with nothing in it
    return this.form.has(key) ? [] : undefined;
  }

  private keyOf(name: string, member: NormalizedSchema): string {
    const { ec2QueryName, xmlName } = namesOf(member);
    if (this.dialect === "query") return xmlName ?? name;
    return ec2QueryName ?? capitalized(xmlName ?? name);
  }

  private has(key: string): boolean {
    return this.keys.some((each) => each.startsWith(`${key}.`));
  }
}

function scalar(schema: NormalizedSchema, text: string, key: string): unknown {
  if (schema.isBooleanSchema()) return text.toLowerCase() === "true";
  if (schema.isNumericSchema()) {
    const value = Number(text);
    if (text !== "" && Number.isFinite(value)) return value;
    throw new ServiceError("ValidationError", `${key}: '${text}' is no number`);
  }
  if (schema.isTimestampSchema()) {
    const time = new Date(text);
    if (!Number.isNaN(time.getTime())) return time;
    throw new ServiceError("ValidationError", `${key}: '${text}' is no time`);
  }
  return text;
}

/** The traits that name a member on the wire. */
const namesOf = (schema: NormalizedSchema): { readonly ec2QueryName?: string; readonly xmlName?: string } => schema.getMergedTraits();

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
