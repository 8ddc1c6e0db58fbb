import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
import { schemaProblems } from "../lib/schema-problem";
import { ConfigurationError } from "./errors";

/** How a system is configured: some environments, and variables that change values of them. */
export interface Configuration<Config extends { readonly name: string } = { readonly name: string }> {
  /** Names of the environments: each is a stack `<system>-<environment>`. */
  readonly environments: readonly string[];
  /** Names of all variables that it reads, FILEMILL_ENVIRONMENT among them. */
  readonly variables: readonly string[];
  /** What `local` has otherwise than `dev`, by dotted path, each with its reason; nothing else differs (docs/invariants.md, 10). */
  readonly localDifferences: Readonly<Record<string, string>>;
  /**
   * The environment that FILEMILL_ENVIRONMENT names, with what other variables change.
   *
   * @param alsoKnown variables that others read, which are no slips of this system's
   * @throws ConfigurationError with every problem, of the variables or of the configuration that they give
   */
  readonly load: (source: NodeJS.ProcessEnv, alsoKnown?: readonly string[]) => Config;
  /**
   * @param variables names of those whose values are in it, for the message
   * @throws ConfigurationError with every problem
   */
  readonly validate: (input: { readonly name: string }, variables?: readonly string[]) => Config;
}

export interface ConfigurationSpec<
  Name extends string,
  Input extends { readonly name: Name },
  Config extends { readonly name: string },
  V,
> {
  /** `dev` and `local` among them. */
  readonly environments: Readonly<Record<Name, Input>>;
  readonly localDifferences: Readonly<Record<string, string>>;
  readonly schema: z.ZodType<Config>;
  /** Every variable, FILEMILL_ENVIRONMENT (`environmentVariable`) among them. */
  readonly variables: z.ZodObject & z.ZodType<V>;
  /** An environment with the values that variables give in place of its own. @throws ConfigurationError for a contradiction */
  readonly apply: (base: Input, given: V) => Input;
  /** Where the environments are, for messages: `systems/batch/config`. */
  readonly folder: string;
}

/** Letters that a slip of the keyboard changes. */
const SLIPS = 2;

export function defineConfiguration<
  Name extends string,
  Input extends { readonly name: Name },
  Config extends { readonly name: string },
  V extends { readonly FILEMILL_ENVIRONMENT: Name },
>(spec: ConfigurationSpec<Name, Input, Config, V>): Configuration<Config> {
  const { environments, localDifferences, schema, variables: variablesSchema, apply, folder } = spec;
  const variables = Object.keys(variablesSchema.shape);
  const validate = (input: { readonly name: string }, given: readonly string[] = []): Config => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return parsed.data;
    const file = `${folder}/${input.name}.ts`;
    throw new ConfigurationError(
      `the configuration '${input.name}'`,
      listed(schemaProblems(parsed.error, input)),
      given.length === 0 ? `correct ${file}` : `correct ${file}, or what is given by ${given.join(", ")}`,
    );
  };
  return {
    environments: Object.keys(environments),
    variables,
    localDifferences,
    validate,
    load: (source, alsoKnown = []) => {
      refuseMisspelt(source, variables, alsoKnown);
      const parsed = variablesSchema.safeParse(source);
      if (!parsed.success) {
        throw new ConfigurationError(
          "the environment of synth",
          listed(schemaProblems(parsed.error, source)),
          "set or unset the variables named above (docs/infrastructure.md)",
        );
      }
      const given: V = parsed.data;
      const named = Object.entries<unknown>(given).flatMap(([key, value]) =>
        value === undefined || key === "FILEMILL_ENVIRONMENT" ? [] : [key],
      );
      return validate(apply(environments[given.FILEMILL_ENVIRONMENT], given), named);
    },
  };
}

/** A variable that is almost one of ours is a slip, and what it was to change would silently stay. @throws ConfigurationError */
function refuseMisspelt(source: NodeJS.ProcessEnv, variables: readonly string[], alsoKnown: readonly string[]): void {
  const known = [...variables, ...alsoKnown];
  for (const name of Object.keys(source).filter((each) => each.startsWith("FILEMILL_") && !known.includes(each))) {
    const meant = closest(name, known);
    if (distance(name, meant) <= SLIPS) {
      throw new ConfigurationError(
        "the environment of synth",
        `  ${name} is '${source[name] ?? ""}', and there is no such variable`,
        `if ${meant} is meant, call it that; else unset it`,
      );
    }
  }
}

/** A line each. */
const listed = (problems: readonly string[]): string => problems.map((problem) => `  ${problem}`).join("\n");
