import type { Review, ReviewedChange, ReviewedFinding } from "./review";
import type { Action } from "./plan";

/** What an action is called, and what one reads first. */
const VERBS: Readonly<Record<Action, string>> = {
  none: "stays",
  create: "is created",
  update: "is changed in place",
  replace: "is replaced",
  destroy: "is destroyed",
  forget: "is let go of",
};
/** Attributes of a change that are told; the plan has them all. */
const TOLD_ATTRIBUTES = 6;

/** How a text is marked up. */
export interface Markup {
  /** Makes any text safe, whoever wrote it. */
  readonly plain: (text: string) => string;
  readonly code: (text: string) => string;
  readonly heading: (text: string) => string;
  readonly item: (text: string, indent?: number) => string;
  readonly strong: (text: string) => string;
  /** Folded away until somebody wants it. */
  readonly details: (summary: string, lines: readonly string[]) => string[];
}

/** A review for people, in lines. @param name of what was planned: `batch-dev` */
export function renderReview(review: Review, markup: Markup, name?: string): string[] {
  const { changes, expired, findings, unused } = review;
  const open = findings.filter(({ exception }) => exception === undefined);
  const blocks = open.filter(({ severity }) => severity === "block");
  const warnings = open.filter(({ severity }) => severity === "warn");
  const excepted = findings.filter(({ exception }) => exception !== undefined);
  const { code, heading, item, plain } = markup;
  return [
    heading(`Plan review${name === undefined ? "" : `: ${name}`}`),
    "",
    `${markup.strong(verdict(blocks.length, warnings.length))} ${counted(review)} ${costText(review)}`,
    ...section(
      markup,
      "Blocks",
      grouped(blocks).map((each) => findingText(each, markup)),
    ),
    ...section(
      markup,
      "To be known before",
      grouped(warnings).map((each) => findingText(each, markup)),
    ),
    ...section(
      markup,
      "Allowed by an exception",
      excepted.map(
        (each) =>
          `${findingText({ first: each, addresses: each.address === undefined ? [] : [each.address] }, markup)} ${plain(`(until ${each.exception?.until ?? ""}: ${each.exception?.reason ?? ""})`)}`,
      ),
    ),
    ...section(
      markup,
      "Exceptions to clear away",
      [
        ...expired.map((each) => [each, `is over since ${each.until}`] as const),
        ...unused.map((each) => [each, "is needed by nothing in this plan"] as const),
      ].map(([{ address, rule }, why]) => `${code(rule)} for ${code(address)} ${why}`),
    ),
    ...changes.flatMap(({ meaning, changes: own }) => [
      "",
      ...markup.details(
        `${capital(meaning)}: ${summary(own)}`,
        own.flatMap((each) => changeLines(each, item, markup)),
      ),
    ]),
  ];
}

function verdict(blocks: number, warnings: number): string {
  if (blocks > 0) return `Blocked: ${blocks} ${blocks === 1 ? "finding" : "findings"} must be settled first.`;
  return warnings > 0
    ? `Nothing blocks it; ${warnings} ${warnings === 1 ? "thing is" : "things are"} to be known.`
    : "Nothing speaks against it.";
}

function counted({ counts }: Review): string {
  const told = (["create", "update", "replace", "destroy", "forget"] as const).filter((action) => counts[action] > 0);
  if (told.length === 0) return "No resource changes.";
  const words = { create: "created", update: "changed in place", replace: "replaced", destroy: "destroyed", forget: "let go of" };
  return `${told.map((action) => `${counts[action]} ${words[action]}`).join(", ")}; ${counts.none} stay.`;
}

const dollars = (value: number): string => `$${value.toFixed(2)}`;

function costText({ cost: { after, before, parts, unknown } }: Review): string {
  const difference = after - before;
  const why = parts.map(({ type, after: is, before: was }) => `${type} ${is >= was ? "+" : "-"}${dollars(Math.abs(is - was))}`);
  const fixed =
    Math.abs(difference) < 0.005
      ? `Fixed cost a month stays ${dollars(after)}.`
      : `Fixed cost a month: ${difference > 0 ? "+" : "-"}${dollars(Math.abs(difference))}, from ${dollars(before)} to ${dollars(after)} (${why.join(", ")}).`;
  return unknown.length === 0 ? fixed : `${fixed} Not counted, for want of a price: ${unknown.join(", ")}.`;
}

const section = ({ heading, item }: Markup, title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", heading(title), "", ...lines.map((line) => item(line))];

/** Of findings that say the same of more resources than that, some are named. */
const NAMED_ALIKE = 3;

interface Alike {
  readonly first: ReviewedFinding;
  readonly addresses: readonly string[];
}

/** What is said of several resources in the same words, once: a tag that all of them lose. */
function grouped(findings: readonly ReviewedFinding[]): Alike[] {
  const byText = new Map<string, ReviewedFinding[]>();
  for (const finding of findings) {
    const key = [finding.rule, finding.problem, finding.fix].join("\n");
    byText.set(key, [...(byText.get(key) ?? []), finding]);
  }
  return [...byText.values()].flatMap((alike) => {
    const [first] = alike;
    return first === undefined ? [] : [{ first, addresses: alike.flatMap(({ address }) => address ?? []) }];
  });
}

function whose(addresses: readonly string[], { code }: Markup): string {
  if (addresses.length === 0) return "";
  const named = addresses.length <= NAMED_ALIKE + 1 ? addresses : addresses.slice(0, NAMED_ALIKE);
  const more = addresses.length - named.length;
  return `${named.map(code).join(", ")}${more === 0 ? "" : ` and ${more} more`}${addresses.length === 1 ? "" : ", each"}: `;
}

const findingText = ({ addresses, first: { fix, problem, rule } }: Alike, markup: Markup): string => {
  const { plain } = markup;
  return `${whose(addresses, markup)}${plain(problem)}. ${plain(capital(fix))}. ${plain("[")}${rule}${plain("]")}`;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function summary(changes: readonly ReviewedChange[]): string {
  const counts = new Map<Action, number>();
  for (const { action } of changes) counts.set(action, (counts.get(action) ?? 0) + 1);
  return [...counts]
    .map(([action, count]) => `${count} ${VERBS[action].replace(/^is /, "").replace(/^stays$/, "moved or imported")}`)
    .join(", ");
}

function changeLines(change: ReviewedChange, item: Markup["item"], { code, plain }: Markup): string[] {
  const { action, address, attributes, isImported, movedFrom, replacedFor } = change;
  const origin = [...(movedFrom === undefined ? [] : [`moved from ${code(movedFrom)}`]), ...(isImported ? ["imported"] : [])];
  const more = attributes.length - TOLD_ATTRIBUTES;
  return [
    item(
      `${code(address)} ${[VERBS[action], ...(replacedFor.length === 0 ? [] : [`because of ${replacedFor.map(code).join(", ")}`]), ...origin].join(", ")}`,
    ),
    ...attributes
      .slice(0, TOLD_ATTRIBUTES)
      .map(({ after, before, path }) => item(`${code(path)}: ${plain(before)} becomes ${plain(after)}`, 1)),
    ...(more > 0 ? [item(`and ${more} more`, 1)] : []),
  ];
}
