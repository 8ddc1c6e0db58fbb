import { isJsonText } from "../../../../support/json-text";
import type { SynthesizedStack } from "../../../../support/synth";

/** One change of a stack, which can be made and taken back. */
export interface Mutant {
  /** Of the resource, data source, local or output: `aws_sqs_queue.Data_Jobs_35074708`. */
  readonly address: string;
  /** Where in it, dotted; text that holds JSON is gone into. Empty: the whole. */
  readonly path: string;
  readonly mutation: "deleted" | "emptied" | "changed";
  readonly apply: () => void;
  readonly undo: () => void;
}

type Container = Record<string, unknown> | unknown[];
const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;
const get = (container: Container, key: string): unknown => (container as Record<string, unknown>)[key];
const set = (container: Container, key: string, value: unknown): void => {
  (container as Record<string, unknown>)[key] = value;
};

/** Where a value is written, and what must happen after it changed: text that holds it is written anew. */
interface Place {
  readonly container: Container;
  readonly key: string;
  readonly written: () => void;
}

/** Parts of a stack that are deployed; sections by the names of Terraform's JSON. */
const SECTIONS = ["resource", "data"] as const;

/** Pages and questions for people; that what they name is there, __tests__/systems/dashboards.test.ts holds, not how they look. */
const PAGES: ReadonlySet<string> = new Set(["aws_cloudwatch_dashboard", "aws_cloudwatch_query_definition"]);

/** Every change that is made of a stack: each resource, block, argument, list and element deleted, emptied or changed in turn. */
export function* mutantsOf(stack: SynthesizedStack): Generator<Mutant> {
  for (const section of SECTIONS)
    for (const [type, byId] of Object.entries(stack[section]).filter(([each]) => !PAGES.has(each)))
      for (const id of Object.keys(byId)) yield* mutantsAt(`${section === "data" ? "data." : ""}${type}.${id}`, byId, id);
  for (const section of ["locals", "output", "provider", "terraform"] as const)
    for (const key of Object.keys(stack[section])) yield* mutantsAt(`${section}.${key}`, stack[section], key);
}

const mutantsAt = (address: string, container: Container, key: string): Generator<Mutant> =>
  mutantsOfValue(address, "", { container, key, written: () => undefined });

function* mutantsOfValue(address: string, path: string, place: Place): Generator<Mutant> {
  const value = get(place.container, place.key);
  yield deletion(address, path, place);
  if (isContainer(value)) {
    const keys = Object.keys(value).filter((key) => key !== "//");
    // of one element, deleting it is the same
    if (keys.length > 1) yield replacement(address, path, "emptied", place, Array.isArray(value) ? [] : {});
    for (const key of keys) yield* mutantsOfValue(address, path === "" ? key : `${path}.${key}`, { ...place, container: value, key });
    return;
  }
  const document = parsed(value);
  if (document !== undefined) {
    const root = { document };
    const written = (): void => {
      set(place.container, place.key, JSON.stringify(root.document));
      place.written();
    };
    yield replacement(address, path, "emptied", place, "{}");
    for (const key of Object.keys(document)) yield* mutantsOfValue(address, `${path}#${key}`, { container: document, key, written });
    return;
  }
  if (typeof value === "string" && value.includes("\n")) {
    yield* mutantsOfLines(address, path, place, value);
    return;
  }
  for (const [mutation, changed] of changesOf(value)) yield replacement(address, path, mutation, place, changed);
}

/**
 * A script: each line deleted and changed, at the same time in every copy: a script whose version is made of its text is there twice, and
 * of a line that is another in one copy only, the comparison of the two would tell, and nothing that knows what the line is for.
 */
function* mutantsOfLines(address: string, path: string, place: Place, text: string): Generator<Mutant> {
  yield replacement(address, path, "emptied", place, "");
  for (const [index, line] of text.split("\n").entries()) {
    const copies = keysOf(place.container).filter((key) => linesOf(place.container, key)[index] === line);
    if (line === "" || copies[0] !== place.key) continue;
    const inCopies = (mutation: Mutant["mutation"], change: (lines: readonly string[]) => string[]): Mutant =>
      together(
        copies.map((key) =>
          replacement(address, `${path}:${index + 1}`, mutation, { ...place, key }, change(linesOf(place.container, key)).join("\n")),
        ),
      );
    yield inCopies("deleted", (lines) => lines.toSpliced(index, 1));
    yield inCopies("changed", (lines) => lines.with(index, changedText(line)));
  }
}

const keysOf = (container: Container): string[] => Object.keys(container);
const linesOf = (container: Container, key: string): readonly string[] => {
  const text = get(container, key);
  return typeof text === "string" ? text.split("\n") : [];
};

/** One mutant of changes in several places. */
function together(mutants: readonly Mutant[]): Mutant {
  const [first] = mutants;
  if (first === undefined) throw new Error("no place to change");
  return {
    ...first,
    apply: () => {
      for (const { apply } of mutants) apply();
    },
    undo: () => {
      for (const { undo } of mutants) undo();
    },
  };
}

/** A document, not a number or text that happens to be JSON too. */
function parsed(value: unknown): Container | undefined {
  if (!isJsonText(value)) return undefined;
  const document: unknown = JSON.parse(value);
  return isContainer(document) ? document : undefined;
}

function changesOf(value: unknown): (readonly [Mutant["mutation"], unknown])[] {
  if (typeof value === "boolean") return [["changed", !value]];
  if (typeof value === "number") return [["changed", value + 1]];
  if (typeof value !== "string") return [["changed", "other"]];
  const changed = ["changed", changedText(value)] as const;
  return value === "" ? [changed] : [changed, ["emptied", ""]];
}

/** A reference names something else, a number in text or of a setting is one more, other text is another word. */
function changedText(text: string): string {
  const elsewhere = text.startsWith("${") ? text.replace(/\.([\w-]+)\.(\w+)|\blocal\.([\w-]+)/, (found) => `${found}_other`) : text;
  if (elsewhere !== text) return elsewhere;
  const number = /(?<=^|=| )\d+$/.exec(text);
  return number === null ? `${text}x` : `${text.slice(0, number.index)}${Number(number[0]) + 1}`;
}

function replacement(
  address: string,
  path: string,
  mutation: Mutant["mutation"],
  { container, key, written }: Place,
  value: unknown,
): Mutant {
  const before = get(container, key);
  const write = (what: unknown) => (): void => {
    set(container, key, what);
    written();
  };
  return { address, path, mutation, apply: write(value), undo: write(before) };
}

function deletion(address: string, path: string, { container, key, written }: Place): Mutant {
  const before = Array.isArray(container) ? [...container] : Object.entries(container);
  return {
    address,
    path,
    mutation: "deleted",
    apply: () => {
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
      written();
    },
    // in its old place: some assertions look at the order
    undo: () => {
      if (Array.isArray(container)) container.splice(0, container.length, ...before);
      else {
        for (const each of Object.keys(container)) Reflect.deleteProperty(container, each);
        Object.assign(container, Object.fromEntries(before as [string, unknown][]));
      }
      written();
    },
  };
}
