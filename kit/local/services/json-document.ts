import type { NormalizedSchema } from "@smithy/core/schema";

/** Times are seconds since the epoch there, everything else is as it is. https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
const SECOND = 1_000;

/** Reads the body of a call by its schema. @throws SyntaxError for what is no JSON */
export function readJson(schema: NormalizedSchema, body: string): object {
  const value = converted(schema, JSON.parse(body === "" ? "{}" : body), (time) => new Date(Number(time) * SECOND));
  return typeof value === "object" && value !== null ? value : {};
}

export const writeJson = (schema: NormalizedSchema, value: object): string =>
  JSON.stringify(converted(schema, value, (time) => (time instanceof Date ? time.getTime() / SECOND : time)));

/** @param time what a time of the one side is on the other */
function converted(schema: NormalizedSchema, value: unknown, time: (value: unknown) => unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (schema.isTimestampSchema()) return time(value);
  if (schema.isListSchema() && Array.isArray(value)) return value.map((item) => converted(schema.getValueSchema(), item, time));
  if (!schema.isStructSchema() || typeof value !== "object") return value;
  const values = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    [...schema.structIterator()].flatMap(([name, member]) => {
      const each = converted(member, values[name], time);
      return each === undefined ? [] : [[name, each]];
    }),
  );
}
