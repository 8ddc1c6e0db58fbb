import { jsonOf } from "../lib/json-of";
import type { Plan, ResourceChange } from "./plan";
import type { Finding } from "./rule";

/** Stands for what is sensitive. */
export const HIDDEN = "(sensitive)";
type Hide = (text: string) => string;

/**
 * Hides what a plan marks as sensitive from what is said of a resource. Marks are of attributes, and a provider repeats values where
 * there is no mark (`tags_all`), so what counts is the value: marked anywhere in a resource, it is shown nowhere in what is said of it.
 *
 * @see https://developer.hashicorp.com/terraform/language/manage-sensitive-data
 */
export class Secrets {
  private readonly byAddress = new Map<string, Set<string>>();

  public constructor({ changes, drift }: Plan) {
    for (const change of [...changes, ...drift]) {
      const found = [...secretsOf(change)];
      if (found.length === 0) continue;
      const known = this.byAddress.get(change.address) ?? new Set();
      for (const each of found) known.add(each);
      this.byAddress.set(change.address, known);
    }
  }

  /** Hides the secrets of these resources. */
  public hideIn(...addresses: readonly string[]): Hide {
    const secrets = addresses.flatMap((address) => [...(this.byAddress.get(address) ?? [])]);
    if (secrets.length === 0) return (text) => text;
    // the longest first: one may be a part of another
    const longestFirst = [...new Set(secrets)].sort((one, other) => other.length - one.length);
    const expression = new RegExp(longestFirst.map((each) => bounded(each)).join("|"), "giu");
    return (text) => text.replaceAll(expression, HIDDEN);
  }

  public hiddenFinding(finding: Finding): Omit<Finding, "involves"> {
    const { involves = [], ...rest } = finding;
    const { address, fix, problem } = rest;
    const hide = this.hideIn(...(address === undefined ? [] : [address]), ...involves);
    return { ...rest, problem: hide(problem), fix: hide(fix) };
  }
}

function* secretsOf({ after, before, sensitiveAfter, sensitiveBefore }: ResourceChange): Generator<string> {
  yield* marked(before, sensitiveBefore);
  yield* marked(after, sensitiveAfter);
}

/** Texts and numbers in a value where its marks say that it is sensitive. */
function* marked(value: unknown, marks: unknown): Generator<string> {
  if (marks === true) yield* textsIn(value);
  else if (isBranch(value) && isBranch(marks))
    for (const [name, mark] of Object.entries(marks)) yield* marked((value as Readonly<Record<string, unknown>>)[name], mark);
}

/** Every text and number, names included; of a JSON text those in it, too: policies are told by their parts. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "number") yield String(value);
  if (typeof value === "string") {
    yield* [value, JSON.stringify(value).slice(1, -1)].filter((text) => text.trim() !== "");
    if (/^\s*[{[]/.test(value)) yield* textsIn(jsonOf(value));
  }
  if (!isBranch(value)) return;
  for (const [name, each] of Object.entries(value)) {
    if (!Array.isArray(value)) yield* textsIn(name);
    yield* textsIn(each);
  }
}

const isBranch = (value: unknown): value is object => typeof value === "object" && value !== null;

/** `a` is not hidden in `table`: only where no letter or digit goes on. */
function bounded(text: string): string {
  const escaped = text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const before = /^[\p{L}\p{N}]/u.test(text) ? String.raw`(?<![\p{L}\p{N}])` : "";
  const after = /[\p{L}\p{N}]$/u.test(text) ? String.raw`(?![\p{L}\p{N}])` : "";
  return before + escaped + after;
}
