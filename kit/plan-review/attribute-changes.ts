import { jsonOf } from "../lib/json-of";
import type { ResourceChange } from "./plan";
import { HIDDEN } from "./secrets";
import { isSame, sensitivity, UNKNOWN, type Path, type Value } from "./values";

/** An attribute that is otherwise afterwards; its values as text that may be shown. */
export interface AttributeChange {
  /** With dots: `rule.0.status`. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Longer values are cut. */
const SHOWN_CHARACTERS = 60;
const LATER = "(known after apply)";

/**
 * What an update or a replacement changes, down to single values; nothing for what is made or goes as a whole.
 *
 * @param hide takes the resource's secrets out of a text
 */
export function attributeChanges(change: ResourceChange, hide: (text: string) => string): AttributeChange[] {
  const { action, after, before, sensitiveAfter, sensitiveBefore } = change;
  if (action !== "update" && action !== "replace") return [];
  const found: AttributeChange[] = [];
  const look = (was: Value, is: Value, path: Path): void => {
    if (isSame(was, is) || (isNothing(was) && isNothing(is))) return;
    const marks = [sensitivity(sensitiveBefore, path), sensitivity(sensitiveAfter, path)];
    // the names in a map that is sensitive as a whole are, too
    if (isBranch(was) && isBranch(is) && !marks.includes("wholly")) {
      for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) look(child(was, name), child(is, name), [...path, name]);
      return;
    }
    found.push({
      path: hide(path.join(".")),
      ...(marks.every((mark) => mark === "not") ? { before: shown(was, hide), after: shown(is, hide) } : { before: HIDDEN, after: HIDDEN }),
    });
  };
  look(before, after, []);
  // what is known later is mostly what AWS says itself: names, ARNs, times; of what is made anew that goes without saying
  const known = found.filter(({ after: is }) => is !== LATER);
  return action === "replace" && known.length > 0 ? known : [...known, ...found.filter(({ after: is }) => is === LATER)];
}

/** The provider writes what isn't set as null, or as a type's zero. */
const isNothing = (value: Value): boolean =>
  value === null ||
  value === "" ||
  value === 0 ||
  value === false ||
  (isBranch(value) && Object.values(value).every((each: Value) => isNothing(each)));

const isBranch = (value: Value): value is Exclude<Value, null | boolean | number | string | typeof UNKNOWN> =>
  typeof value === "object" && value !== null;
const child = (value: object, name: string): Value => (value as Readonly<Record<string, Value>>)[name] ?? null;

function shown(value: Value, hide: (text: string) => string): string {
  if (value === UNKNOWN) return LATER;
  if (value === null) return "nothing";
  // policies and definitions: what they mean is told by the rules
  if (typeof value === "string" && /^\s*[{[]/.test(value) && jsonOf(value) !== undefined) return `JSON of ${value.length} characters`;
  // before it is cut: half a secret is one
  const text = hide(JSON.stringify(value, (_name, each: unknown) => (each === UNKNOWN ? LATER : each)));
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}
