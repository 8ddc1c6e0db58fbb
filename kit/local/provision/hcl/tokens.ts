import { ProvisioningError } from "../../errors";

export type Token =
  | { readonly kind: "identifier"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  /** A quoted template: its parts are still to be parsed. */
  | { readonly kind: "template"; readonly source: string }
  | { readonly kind: "symbol"; readonly text: string }
  | { readonly kind: "end" };

/** A Terraform expression that this subset does not understand. */
export class ExpressionSyntaxError extends ProvisioningError {
  public override readonly name = "ExpressionSyntaxError";
  public constructor(address: string, source: string, problem: string) {
    super(
      address,
      `the expression \`${source.length > 200 ? `${source.slice(0, 200)}...` : source}\` can't be evaluated: ${problem}`,
      "the local run knows literals, templates, references, indexes, objects, lists, operators, conditionals and function calls; use those, or extend kit/local/provision/hcl",
    );
  }
}

const SYMBOLS = ["...", "==", "!=", ">=", "<=", "&&", "||", "=>", ...Array.from("()[]{},.:=?+-*/%!<>")] as const;
const SPACE = /\s+/y;
/** Resource names may hold dashes, and so may identifiers of the language. */
const IDENTIFIER = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Splits an expression into tokens. https://developer.hashicorp.com/terraform/language/syntax/configuration */
export function tokenize(source: string, address: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    at += text?.length ?? 0;
    return text;
  };
  while (at < source.length) {
    if (match(SPACE) !== undefined) continue;
    const identifier = match(IDENTIFIER);
    if (identifier !== undefined) {
      tokens.push({ kind: "identifier", text: identifier });
      continue;
    }
    const number = match(NUMBER);
    if (number !== undefined) {
      tokens.push({ kind: "number", value: Number(number) });
      continue;
    }
    if (source[at] === '"') {
      const end = endOfQuoted(source, at);
      if (end === undefined) throw new ExpressionSyntaxError(address, source, "a quote is not closed");
      tokens.push({ kind: "template", source: unescapeQuoted(source.slice(at + 1, end)) });
      at = end + 1;
      continue;
    }
    const symbol = SYMBOLS.find((each) => source.startsWith(each, at));
    if (symbol === undefined) throw new ExpressionSyntaxError(address, source, `unexpected ${source[at] ?? ""}`);
    tokens.push({ kind: "symbol", text: symbol });
    at += symbol.length;
  }
  tokens.push({ kind: "end" });
  return tokens;
}

/** Index of the quote that closes the one at `start`; interpolations in between may hold quotes of their own. */
function endOfQuoted(source: string, start: number): number | undefined {
  for (let at = start + 1; at < source.length; at += 1) {
    const character = source[at];
    if (character === "\\") at += 1;
    else if (character === '"') return at;
    else if (source.startsWith("$${", at)) at += 2;
    else if (source.startsWith("${", at)) {
      const end = endOfInterpolation(source, at);
      if (end === undefined) return undefined;
      at = end;
    }
  }
  return undefined;
}

/** Index of the brace that closes the `${` at `start`. */
export function endOfInterpolation(source: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start + 1; at < source.length; at += 1) {
    const character = source[at];
    if (character === '"') {
      const end = endOfQuoted(source, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** Backslash escapes apply outside interpolations; inside one they belong to its own strings. */
function unescapeQuoted(quoted: string): string {
  let text = "";
  for (let at = 0; at < quoted.length; at += 1) {
    const character = quoted.charAt(at);
    if (quoted.startsWith("$${", at)) {
      text += "$${";
      at += 2;
    } else if (quoted.startsWith("${", at)) {
      const end = endOfInterpolation(quoted, at) ?? quoted.length;
      text += quoted.slice(at, end + 1);
      at = end;
    } else if (character === "\\") {
      const unicode = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(quoted.slice(at));
      const hex = unicode?.[1] ?? unicode?.[2];
      if (hex === undefined) {
        const escaped = quoted.charAt(at + 1);
        text += ESCAPES[escaped] ?? escaped;
        at += 1;
      } else {
        text += String.fromCodePoint(Number.parseInt(hex, 16));
        at += hex.length + 1;
      }
    } else text += character;
  }
  return text;
}

/** A token as it stands in a message. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case "end":
      return "the end";
    case "number":
      return String(token.value);
    case "template":
      return `"${token.source}"`;
    case "identifier":
    case "symbol":
      return token.text;
  }
}
