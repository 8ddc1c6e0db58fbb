import type { Argument, CommanderError, Option } from "commander";
import { UsageError } from "../command-errors";
import { ValueOption, type Verb } from "./verb";

/** Says what is wrong with a command line, and with what to put it right. @returns help and version as they are: they are no errors */
export function usageErrorOf(verb: Verb, error: CommanderError): Error {
  if (error.exitCode === 0) return error;
  const [first = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(more.join(" "))?.[1];
  const fix = FIXES[error.code]?.(verb, { message: first, suggestion }) ?? help(verb);
  return new UsageError(error.code === "commander.help" ? "a command is missing" : first, fix, { cause: error });
}

interface Problem {
  readonly message: string;
  /** What was likely meant. */
  readonly suggestion: string | undefined;
}

const FIXES: Readonly<Record<string, (verb: Verb, problem: Problem) => string>> = {
  "commander.help": (verb) => commandsOf(verb),
  "commander.unknownCommand": (verb, { suggestion }) =>
    suggestion === undefined
      ? commandsOf(verb)
      : `did you mean ${suggestion
          .split(", ")
          .map((name) => `\`npx ${verb.line} ${name}\``)
          .join(" or ")}?`,
  "commander.unknownOption": (verb, { suggestion }) =>
    suggestion === undefined ? `${optionsOf(verb)}; ${help(verb)}` : `did you mean ${suggestion}? ${help(verb)}`,
  "commander.missingArgument": (verb, { message }) => {
    const argument = verb.registeredArguments.find((each) => message.endsWith(`'${each.name()}'`));
    return argument === undefined ? help(verb) : `give ${describeArgument(argument)}; ${example(verb)}`;
  },
  "commander.excessArguments": (verb) => `usage: npx ${verb.line} ${verb.usage()}; names with blanks need quotes`,
  "commander.optionMissingArgument": fixOfOption,
  "commander.invalidArgument": (verb, problem) => {
    const argument = verb.registeredArguments.find((each) => problem.message.includes(`for argument '${each.name()}'`));
    return argument === undefined ? fixOfOption(verb, problem) : `give ${describeArgument(argument)}; ${example(verb)}`;
  },
};

function fixOfOption(verb: Verb, { message }: Problem): string {
  const option = verb.options.find(({ flags }) => message.includes(`'${flags}'`));
  return option === undefined ? help(verb) : `${option.flags}: ${option.description}${exampleOf(option)}`;
}

const exampleOf = (option: Option): string => {
  const value = option instanceof ValueOption ? option.example : option.argChoices?.[0];
  return value === undefined ? "" : `; for example ${option.long ?? ""} ${value}`;
};

const describeArgument = (argument: Argument): string => `${argument.name().toUpperCase()}, ${argument.description}`;

function example(verb: Verb): string {
  const [first] = verb.examples;
  return first === undefined ? help(verb) : `for example \`${first[0]}\``;
}

const help = (verb: Verb): string => `\`npx ${verb.line} --help\` explains it`;
const commandsOf = (verb: Verb): string =>
  `commands of \`${verb.line}\` are ${verb.verbs.map((each) => each.name()).join(", ")}; \`npx ${verb.line} --help\` explains them`;

function optionsOf(verb: Verb): string {
  const names = verb
    .createHelp()
    .visibleOptions(verb)
    .map(({ long, flags }) => long ?? flags);
  return `options of \`${verb.line}\` are ${names.join(", ")}`;
}
