import { Command, Option } from "commander";
import { foldText } from "../terminal/text-width";

/** Columns of help where no terminal says how many there are; examples and exit codes never take more. */
export const HELP_COLUMNS = 80;

/** A command line and what it does. */
export type Example = readonly [line: string, does?: string];

/** A command of `filemill`, with the examples that its help and its errors show. */
export class Verb extends Command {
  /** The first one is the plainest: errors show it. */
  public examples: readonly Example[] = [];
  /** Only its name, its arguments and what it does are there: for the command's help. */
  public isOutline = false;

  public override createCommand(name?: string): Verb {
    return new Verb(name);
  }

  /** @param notes what the examples don't say, in whole sentences */
  public withExamples(examples: readonly Example[], notes?: string): this {
    this.examples = examples;
    return this.addHelpText("after", `\nExamples:\n${renderExamples(examples)}`).addHelpText("after", () =>
      notes === undefined ? "" : `\n${foldText(notes, HELP_COLUMNS)}`,
    );
  }

  /** As it is typed: `filemill local run`. */
  public get line(): string {
    return this.parent instanceof Verb ? `${this.parent.line} ${this.name()}` : this.name();
  }

  /** Itself and all below it. */
  public get family(): Verb[] {
    return [this, ...this.verbs.flatMap((verb) => verb.family)];
  }

  public get verbs(): Verb[] {
    return this.commands.filter((command): command is Verb => command instanceof Verb);
  }
}

/** An option with a value; errors about it show one that is right. */
export class ValueOption extends Option {
  public constructor(
    flags: string,
    description: string,
    public readonly example: string,
  ) {
    super(flags, description);
  }
}

/** Where what they do stands, if both fit beside each other. */
const EXPLANATION_COLUMN = 46;

function renderExamples(examples: readonly Example[]): string {
  const lines = examples.map(([line, does]) => {
    const typed = `  $ ${line}`;
    if (does === undefined) return typed;
    const beside = `${typed.padEnd(EXPLANATION_COLUMN)} ${does}`;
    return typed.length < EXPLANATION_COLUMN && beside.length <= HELP_COLUMNS ? beside : `${typed}\n      ${does}`;
  });
  return lines.join("\n");
}
