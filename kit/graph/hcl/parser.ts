import { ExpressionSyntaxError } from "../errors";
import type { Expression, Reference } from "./expression";

const SPACE = /\s*/y;
/** Names of resources may hold dashes, and so may identifiers of the language. */
const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const NUMBER = /-?\d+(?:\.\d+)?/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;
/** Heads of references that nothing synthesizes. */
const UNSUPPORTED_ROOTS: readonly string[] = ["each", "count", "self", "module", "terraform", "var", "path"];

/**
 * Parses a string of a Terraform JSON file: literal text with `${...}` in it, `$${` standing for `${`.
 *
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 * @throws ExpressionSyntaxError
 */
export function parseTemplate(source: string, address: string): Expression {
  const parts: Expression[] = [];
  let literal = "";
  const endLiteral = (): void => {
    if (literal !== "") parts.push({ kind: "literal", value: literal });
    literal = "";
  };
  for (let at = 0; at < source.length; at += 1) {
    if (source.startsWith("$${", at) || source.startsWith("%%{", at)) {
      literal += source.slice(at + 1, at + 3);
      at += 2;
    } else if (source.startsWith("%{", at)) {
      throw new ExpressionSyntaxError(address, source, "template directives (%{...}) are not supported; write %%{ for the characters");
    } else if (source.startsWith("${", at)) {
      endLiteral();
      const parser = new Parser(source, address, at + 2);
      parts.push(parser.interpolation());
      at = parser.lastAt;
    } else literal += source.charAt(at);
  }
  endLiteral();
  const [only, ...others] = parts;
  if (only === undefined) return { kind: "literal", value: "" };
  // a string that is one interpolation has its value, whatever the type
  return others.length === 0 ? only : { kind: "template", parts };
}

/** Parses what `depends_on` names without an interpolation around it. @throws ExpressionSyntaxError */
export const parseAddress = (source: string, address: string): Reference => new Parser(source, address, 0).dependency();

class Parser {
  public constructor(
    private readonly source: string,
    private readonly address: string,
    private at: number,
  ) {}

  /** Position of the last character that was read. */
  public get lastAt(): number {
    return this.at - 1;
  }

  /** What stands between `${` and `}`, the brace included. */
  public interpolation(): Expression {
    const expression = this.expression();
    if (!this.take("}"))
      this.fail(this.next() === "" ? "an interpolation is not closed; write $${ for the characters" : `unexpected ${this.next()}`);
    return expression;
  }

  public dependency(): Reference {
    const root = this.root(this.name());
    if (this.next() !== "") this.fail(`unexpected ${this.next()}`);
    return root;
  }

  private expression(): Expression {
    const number = this.match(NUMBER);
    if (number !== undefined) return { kind: "literal", value: Number(number) };
    const quoted = this.match(QUOTED);
    if (quoted !== undefined) return { kind: "literal", value: this.unquoted(quoted) };
    const word = this.name();
    if (this.take("(")) return { kind: "call", functionName: word, parameters: this.parameters() };
    const root = this.root(word);
    const attributes: string[] = [];
    while (this.take(".")) attributes.push(this.name());
    return { kind: "reference", root, attributes };
  }

  private root(word: string): Reference {
    if (UNSUPPORTED_ROOTS.includes(word)) this.fail(`references to ${word} are not supported`);
    this.expect(".");
    const second = this.name();
    if (word === "local") return { kind: "local", type: "", name: second };
    if (word !== "data") return { kind: "resource", type: word, name: second };
    this.expect(".");
    return { kind: "data", type: second, name: this.name() };
  }

  private parameters(): Expression[] {
    const parameters: Expression[] = [];
    while (!this.take(")")) {
      if (parameters.length > 0) this.expect(",");
      parameters.push(this.expression());
    }
    return parameters;
  }

  /** A quoted text's escapes are JSON's. https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences */
  private unquoted(quoted: string): string {
    if (/[$%]\{/.test(quoted)) this.fail("templates in the quotes of an expression are not supported");
    try {
      return String(JSON.parse(quoted));
    } catch (error) {
      return this.fail(`${quoted}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private name(): string {
    return this.match(NAME) ?? this.fail(`a value was expected, not ${this.next() === "" ? "the end" : this.next()}`);
  }

  private match(pattern: RegExp): string | undefined {
    this.skipSpace();
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.source)?.[0];
    this.at += text?.length ?? 0;
    return text;
  }

  private skipSpace(): void {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.source)?.[0].length ?? 0;
  }

  /** The next character, empty at the end. */
  private next(): string {
    this.skipSpace();
    return this.source.charAt(this.at);
  }

  private take(symbol: string): boolean {
    if (this.next() !== symbol) return false;
    this.at += symbol.length;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.take(symbol)) this.fail(`${symbol} was expected, not ${this.next() === "" ? "the end" : this.next()}`);
  }

  private fail(problem: string): never {
    throw new ExpressionSyntaxError(this.address, this.source, problem);
  }
}
