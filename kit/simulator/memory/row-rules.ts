import type { Row, RowChange, RowCondition, RowKey, RowValue } from "../../ports/row-store";

/** A row was changed in a way that DynamoDB refuses whatever the row holds: a mistake of the program, never of the data. */
export class RowRequestError extends Error {
  public override readonly name = "RowRequestError";
  public constructor(key: RowKey, problem: string) {
    super(`row ${key.pk} / ${key.sk}: ${problem}`);
  }
}

/** A copy of a value that nobody can change. @throws RowRequestError for what DynamoDB can't hold */
export function frozenValue(key: RowKey, value: RowValue): RowValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new RowRequestError(key, `${value} is no number that a table can hold`);
      return value;
    case "object":
      if (isList(value)) return Object.freeze(value.map((entry) => frozenValue(key, entry)));
      // typed out, yet what came from JSON may hold it
      if ((value as unknown) !== null) return Object.freeze(frozenFields(key, value));
  }
  throw new RowRequestError(key, "null and undefined are no values that a row holds; leave the attribute out");
}

/** A copy of a row with its key's attributes that nobody can change. */
export const frozenRow = (key: RowKey, row: Row): Row => Object.freeze({ ...frozenFields(key, row), pk: key.pk, sk: key.sk });

const HOLDS_OF_PRESENCE: Readonly<Record<"present" | "absent", (value: RowValue | undefined) => boolean>> = {
  present: (value) => value !== undefined,
  absent: (value) => value === undefined,
};

/** Whether a condition holds; a comparison with an absent attribute is false. */
export function holds(condition: RowCondition, row: Row | undefined): boolean {
  if ("all" in condition) return condition.all.every((each) => holds(each, row));
  if ("any" in condition) return condition.any.some((each) => holds(each, row));
  const value = attributeOf(row, condition.attribute);
  if ("is" in condition) return HOLDS_OF_PRESENCE[condition.is](value);
  if (value === undefined) return false;
  return "equals" in condition ? value === condition.equals : value !== condition.differsFrom;
}

/**
 * The row after a change.
 *
 * @throws RowRequestError for an attribute named twice or of the key, and for adding or appending to another type
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
export function changed(key: RowKey, before: Row | undefined, change: RowChange): Row {
  const { set = {}, setIfAbsent = {}, add = {}, append = {}, remove = [] } = change;
  checkNames(key, [set, setIfAbsent, add, append].flatMap(Object.keys).concat(remove));
  const row: Record<string, RowValue> = { ...before, pk: key.pk, sk: key.sk };
  for (const [name, value] of Object.entries(set)) row[name] = frozenValue(key, value);
  for (const [name, value] of Object.entries(setIfAbsent)) if (!Object.hasOwn(row, name)) row[name] = frozenValue(key, value);
  for (const [name, amount] of Object.entries(add)) {
    const sum = attributeOf(row, name) ?? 0;
    if (typeof sum !== "number") throw new RowRequestError(key, `${name} is a ${typeof sum}; only a number can be added to`);
    row[name] = frozenValue(key, sum + amount);
  }
  for (const [name, entries] of Object.entries(append)) {
    const list = attributeOf(row, name) ?? [];
    if (!isList(list)) throw new RowRequestError(key, `${name} is a ${typeof list}; only a list can be appended to`);
    row[name] = Object.freeze([...list, ...entries.map((entry) => frozenValue(key, entry))]);
  }
  const removed = new Set(remove);
  return Object.freeze(removed.size === 0 ? row : Object.fromEntries(Object.entries(row).filter(([name]) => !removed.has(name))));
}

const frozenFields = (key: RowKey, fields: Row): Record<string, RowValue> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, frozenValue(key, value)]));

function checkNames(key: RowKey, names: readonly string[]): void {
  if (new Set(names).size < names.length)
    throw new RowRequestError(key, `an attribute is changed twice in one change: ${names.join(", ")}`);
  if (names.includes("pk") || names.includes("sk")) throw new RowRequestError(key, "pk and sk are its key and can't be changed");
}

/** Rows are plain objects: what they inherit is no attribute. */
const attributeOf = (row: Row | undefined, name: string): RowValue | undefined =>
  row !== undefined && Object.hasOwn(row, name) ? row[name] : undefined;

const isList = (value: RowValue): value is readonly RowValue[] => Array.isArray(value);
