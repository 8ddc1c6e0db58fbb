import { StatesError } from "./errors";

/** What a path can reach: the state's data by `$`, the context object by `$$`. */
export interface Scope {
  readonly data: unknown;
  /** Made when a path asks for it. */
  readonly context: () => unknown;
}

/** A payload template or a path, ready to be filled in. @throws StatesError States.Runtime for a path that leads nowhere */
export type Template = (scope: Scope) => unknown;

/** A path or template that the interpreter doesn't know. */
export class PathSyntaxError extends Error {
  public override readonly name = "PathSyntaxError";
}

type Segment = string | number;
const PATH = /^(\$\$?)((?:\.[A-Za-z_][\w-]*|\[\d+\]|\['[^'\]]+'\])*)$/;
const SEGMENT = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^'\]]+)'\]/g;

function parsePath(path: string): { readonly ofContext: boolean; readonly segments: readonly Segment[] } {
  const match = PATH.exec(path);
  if (match === null) {
    throw new PathSyntaxError(
      `'${path}' is not a path of names and indexes such as $.a.b[0]; filters, slices and intrinsic functions are not interpreted`,
    );
  }
  const segments = [...(match[2] ?? "").matchAll(SEGMENT)].map(([, name, index, quoted]) =>
    index === undefined ? (name ?? quoted ?? "") : Number(index),
  );
  return { ofContext: match[1] === "$$", segments };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @returns undefined when there is nothing; an index beyond an array's end gives null, as on AWS */
function lookUp(value: unknown, segments: readonly Segment[]): unknown {
  let found = value;
  for (const segment of segments) {
    if (typeof segment === "number") {
      if (!Array.isArray(found)) return undefined;
      found = (found as readonly unknown[])[segment] ?? null;
    } else {
      if (!isRecord(found) || !Object.hasOwn(found, segment)) return undefined;
      found = found[segment];
    }
  }
  return found;
}

/** @param field names the place in error messages */
export function compilePath(path: string, field: string): Template {
  const { ofContext, segments } = parsePath(path);
  return (scope) => {
    const found = lookUp(ofContext ? scope.context() : scope.data, segments);
    if (found === undefined) {
      throw new StatesError("States.Runtime", `The JSONPath '${path}' specified for the field '${field}' could not be found in the input`);
    }
    return found;
  };
}

/** Compiles Parameters, ItemSelector or ResultSelector. @throws PathSyntaxError */
export function compileTemplate(template: unknown): Template {
  if (Array.isArray(template)) {
    const parts = template.map(compileTemplate);
    return (scope) => parts.map((part) => part(scope));
  }
  if (!isRecord(template)) return () => template;
  const fields = Object.entries(template).map(([key, value]): [string, Template] => {
    if (!key.endsWith(".$")) return [key, compileTemplate(value)];
    if (typeof value !== "string") throw new PathSyntaxError(`the value of '${key}' is not a path`);
    return [key.slice(0, -2), compilePath(value, key)];
  });
  return (scope) => Object.fromEntries(fields.map(([key, fill]) => [key, fill(scope)]));
}

/** Puts a state's result where its ResultPath says. */
export type PlaceResult = (input: unknown, result: unknown) => unknown;

/**
 * Compiles a ResultPath.
 *
 * @param path undefined means `$`: the result takes the input's place; null keeps the input
 * @throws PathSyntaxError
 */
export function compileResultPath(path: string | null | undefined): PlaceResult {
  if (path === null) return (input) => input;
  const { ofContext, segments } = parsePath(path ?? "$");
  if (ofContext) throw new PathSyntaxError("a ResultPath can't lead into the context object");
  const names = segments.map((segment) => {
    if (typeof segment === "number") throw new PathSyntaxError(`ResultPath '${path ?? "$"}': indexes are not interpreted`);
    return segment;
  });
  return (input, result) => placeAt(input, names, result);
}

function placeAt(input: unknown, [name, ...rest]: readonly string[], result: unknown): unknown {
  if (name === undefined) return result;
  if (!isRecord(input)) {
    throw new StatesError("States.ResultPathMatchFailure", `Unable to apply the result path: '${name}' has no place in the state's input`);
  }
  return { ...input, [name]: placeAt(rest.length === 0 ? {} : (input[name] ?? {}), rest, result) };
}
