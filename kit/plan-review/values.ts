/** Stands for what is known after apply only. */
export const UNKNOWN: unique symbol = Symbol("known after apply");

/** A value of a plan. */
export type Value = null | boolean | number | string | typeof UNKNOWN | readonly Value[] | { readonly [name: string]: Value };
export type Values = Readonly<Record<string, Value>>;

/** A step into a value: an attribute, or a position of a list. */
export type Path = readonly (string | number)[];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Puts UNKNOWN where a plan says that a value is known after apply only.
 *
 * @param value `after`
 * @param unknown `after_unknown`
 */
export function withUnknown(value: unknown, unknown: unknown): Value {
  if (unknown === true) return UNKNOWN;
  // of what goes, a plan marks nothing as unknown, in an empty object
  if (value === null || value === undefined) return hasMark(unknown) ? marked(unknown) : null;
  if (Array.isArray(value) || Array.isArray(unknown)) {
    const [values, marks] = [value, unknown].map((each): readonly unknown[] => (Array.isArray(each) ? each : []));
    const length = Math.max(values?.length ?? 0, marks?.length ?? 0);
    return Array.from({ length }, (_, index) => withUnknown(values?.[index], marks?.[index]));
  }
  if (isObject(value) || isObject(unknown)) {
    const [values, marks] = [value, unknown].map((each) => (isObject(each) ? each : {}));
    const names = new Set([...Object.keys(values ?? {}), ...Object.keys(marks ?? {})]);
    return Object.fromEntries([...names].map((name) => [name, withUnknown(values?.[name], marks?.[name])]));
  }
  return value as Value;
}

/** What is known later of something that has no known part. */
function marked(unknown: unknown): Value {
  if (Array.isArray(unknown)) return unknown.map((each: unknown) => withUnknown(null, each));
  return Object.fromEntries(Object.entries(unknown as object).map(([name, each]) => [name, withUnknown(null, each)]));
}

/** @returns null for what is not there; UNKNOWN for everything inside of what is unknown */
export function valueAt(value: Value | undefined, path: Path): Value {
  let at: Value = value ?? null;
  for (const step of path) {
    if (at === UNKNOWN) return UNKNOWN;
    if (typeof at !== "object" || at === null) return null;
    at = (at as Readonly<Record<string | number, Value>>)[step] ?? null;
  }
  return at;
}

/** Blocks of a resource: a list in a plan, empty where there is none. */
export function blocksAt(value: Value | undefined, path: Path): readonly Value[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? (found as readonly Value[]) : [];
}

export const textAt = (value: Value | undefined, ...path: Path): string | undefined => {
  const found = valueAt(value, path);
  return typeof found === "string" ? found : undefined;
};

export const numberAt = (value: Value | undefined, ...path: Path): number | undefined => {
  const found = valueAt(value, path);
  return typeof found === "number" ? found : undefined;
};

/** Whether values are the same; an unknown one is the same as nothing. */
export function isSame(a: Value, b: Value): boolean {
  if (a === UNKNOWN || b === UNKNOWN) return false;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each: Value, index) => isSame(each, (b as Value[])[index] ?? null));
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => isSame((a as Values)[name] ?? null, (b as Values)[name] ?? null));
  }
  return a === b;
}

/** How much of a value must not be shown. @param marks `before_sensitive` or `after_sensitive` */
export function sensitivity(marks: unknown, path: Path): "wholly" | "partly" | "not" {
  let at: unknown = marks;
  for (const step of path) {
    if (at === true) return "wholly";
    if (typeof at !== "object" || at === null) return "not";
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  if (at === true) return "wholly";
  return hasMark(at) ? "partly" : "not";
}

const hasMark = (marks: unknown): boolean =>
  marks === true || (typeof marks === "object" && marks !== null && Object.values(marks).some((each) => hasMark(each)));
