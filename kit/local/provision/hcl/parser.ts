import type { Expression, Reference } from "./expression";
import { PRECEDENCE } from "./expression";
import { describeToken, endOfInterpolation, ExpressionSyntaxError, tokenize } from "./tokens";
import type { Token } from "./tokens";

const KEYWORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);
/** Words that begin constructs outside the subset, with what they are. */
const UNSUPPORTED_ROOTS: readonly string[] = ["each", "count", "self", "module", "terraform"];

/**
 * Parses a string of a Terraform JSON file: literal text with `${...}` in it, `$${` standing for `${`.
 *
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 * @throws ExpressionSyntaxError
 */
export function parseTemplate(source: string, address: string): Expression {
  const parts: (string | Expression)[] = [];
  let literal = "";
  for (let at = 0; at < source.length; at += 1) {
    if (source.startsWith("$${", at) || source.startsWith("%%{", at)) {
      literal += source.slice(at + 1, at + 3);
      at += 2;
    } else if (source.startsWith("%{", at)) {
      throw new ExpressionSyntaxError(address, source, "template directives (%{...}) are not supported; write %%{ for the characters");
    } else if (source.startsWith("${", at)) {
      const end = endOfInterpolation(source, at);
      if (end === undefined)
        throw new ExpressionSyntaxError(address, source, "an interpolation is not closed; write $${ for the characters");
      if (literal !== "") parts.push(literal);
      literal = "";
      parts.push(parseExpression(source.slice(at + 2, end), address));
      at = end;
    } else literal += source.charAt(at);
  }
  if (literal !== "") parts.push(literal);
  const [only, ...others] = parts;
  if (only === undefined) return { kind: "literal", value: "" };
  if (others.length > 0) return { kind: "template", parts };
  // a string that is one interpolation has its value, whatever the type
  return typeof only === "string" ? { kind: "literal", value: only } : only;
}

/** @throws ExpressionSyntaxError */
export function parseExpression(source: string, address: string): Expression {
  return new Parser(source, address).whole();
}

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  public constructor(
    private readonly source: string,
    private readonly address: string,
  ) {
    this.tokens = tokenize(source, address);
  }

  public whole(): Expression {
    const expression = this.conditional();
    if (this.peek().kind !== "end") this.fail(`nothing should follow, but there is ${describeToken(this.peek())}`);
    return expression;
  }

  private conditional(): Expression {
    const test = this.binary(0);
    if (!this.take("?")) return test;
    const yes = this.conditional();
    this.expect(":");
    return { kind: "conditional", test, yes, no: this.conditional() };
  }

  private binary(level: number): Expression {
    const operators = PRECEDENCE[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.take(each));
      if (operator === undefined) return left;
      left = { kind: "binary", operator, left, right: this.binary(level + 1) };
    }
  }

  private unary(): Expression {
    for (const operator of ["-", "!"] as const) {
      if (this.take(operator)) return { kind: "unary", operator, operand: this.unary() };
    }
    return this.traversal(this.primary());
  }

  private traversal(start: Expression): Expression {
    let of = start;
    for (;;) {
      if (this.take("[")) {
        if (this.take("*")) {
          this.expect("]");
          of = this.splat(of);
          continue;
        }
        const index = this.conditional();
        this.expect("]");
        of = { kind: "index", of, index };
      } else if (this.take(".")) {
        const token = this.next();
        if (token.kind === "identifier") of = { kind: "attribute", of, name: token.text };
        else if (token.kind === "number") of = { kind: "index", of, index: { kind: "literal", value: token.value } };
        else if (token.kind === "symbol" && token.text === "*") of = this.splat(of);
        else this.fail(`an attribute was expected, not ${describeToken(token)}`);
      } else return of;
    }
  }

  private splat(of: Expression): Expression {
    const names: string[] = [];
    while (this.take(".")) names.push(this.identifier());
    return { kind: "splat", of, names };
  }

  private primary(): Expression {
    const token = this.next();
    switch (token.kind) {
      case "number":
        return { kind: "literal", value: token.value };
      case "template":
        return parseTemplate(token.source, this.address);
      case "identifier":
        return this.named(token.text);
      case "symbol":
        if (token.text === "(") {
          const inner = this.conditional();
          this.expect(")");
          return inner;
        }
        if (token.text === "[") return { kind: "list", items: this.items("]") };
        if (token.text === "{") return { kind: "object", entries: this.entries() };
        break;
      case "end":
    }
    return this.fail(`a value was expected, not ${describeToken(token)}`);
  }

  private named(word: string): Expression {
    const keyword = KEYWORDS.get(word);
    if (keyword !== undefined) return { kind: "literal", value: keyword };
    if (this.take("(")) return this.call(word);
    if (UNSUPPORTED_ROOTS.includes(word)) this.fail(`references to ${word} are not supported`);
    return { kind: "reference", root: this.root(word) };
  }

  private root(word: string): Reference {
    this.expect(".");
    const second = this.identifier();
    if (word === "local" || word === "var" || word === "path") return { kind: word, type: "", name: second };
    if (word !== "data") return { kind: "resource", type: word, name: second };
    this.expect(".");
    return { kind: "data", type: second, name: this.identifier() };
  }

  private call(functionName: string): Expression {
    const parameters: Expression[] = [];
    let expandLast = false;
    while (!this.take(")")) {
      parameters.push(this.conditional());
      if (this.take("...")) expandLast = true;
      else if (this.take(",")) continue;
      this.expect(")");
      break;
    }
    return { kind: "call", functionName, parameters, expandLast };
  }

  private items(closing: string): Expression[] {
    const items: Expression[] = [];
    while (!this.take(closing)) {
      if (this.isWord("for")) this.fail("`for` expressions are not supported");
      items.push(this.conditional());
      if (this.take(",")) continue;
      this.expect(closing);
      break;
    }
    return items;
  }

  private entries(): { key: Expression; value: Expression }[] {
    const entries: { key: Expression; value: Expression }[] = [];
    while (!this.take("}")) {
      if (this.isWord("for")) this.fail("`for` expressions are not supported");
      const key = this.key();
      if (!this.take("=")) this.expect(":");
      entries.push({ key, value: this.conditional() });
      // entries may also be separated by a line feed, which is no token here
      this.take(",");
    }
    return entries;
  }

  private key(): Expression {
    const token = this.next();
    if (token.kind === "identifier") return { kind: "literal", value: token.text };
    if (token.kind === "template") return parseTemplate(token.source, this.address);
    if (token.kind === "number") return { kind: "literal", value: String(token.value) };
    if (token.kind === "symbol" && token.text === "(") {
      const inner = this.conditional();
      this.expect(")");
      return inner;
    }
    return this.fail(`an object's key was expected, not ${describeToken(token)}`);
  }

  private identifier(): string {
    const token = this.next();
    return token.kind === "identifier" ? token.text : this.fail(`a name was expected, not ${describeToken(token)}`);
  }

  private isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === "identifier" && token.text === word;
  }

  private peek(): Token {
    return this.tokens[this.at] ?? { kind: "end" };
  }

  private next(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  private take(symbol: string): boolean {
    const token = this.peek();
    if (token.kind !== "symbol" || token.text !== symbol) return false;
    this.at += 1;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.take(symbol)) this.fail(`${symbol} was expected, not ${describeToken(this.peek())}`);
  }

  private fail(problem: string): never {
    throw new ExpressionSyntaxError(this.address, this.source, problem);
  }
}
