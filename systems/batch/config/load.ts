import { closest, distance } from "fastest-levenshtein";
import { schemaProblems } from "../../../kit/lib/schema-problem";
import { applyOverrides } from "./apply-overrides";
import { coursework } from "./coursework";
import { dev } from "./dev";
import type { EnvironmentName } from "./environment-names";
import { ConfigurationError } from "../../../kit/config/errors";
import { local } from "./local";
import { overridesSchema } from "./overrides";
import { prod } from "./prod";
import { environmentSchema, type EnvironmentConfig, type EnvironmentInput } from "./schema";

const ENVIRONMENTS: Readonly<Record<EnvironmentName, EnvironmentInput>> = { local, dev, prod, coursework };

/**
 * The configuration to synthesize: the environment that FILEMILL_ENVIRONMENT names, with the values that other variables override.
 *
 * @throws ConfigurationError with every problem, of the variables or of the configuration that they give
 */
export function loadConfiguration(source: NodeJS.ProcessEnv): EnvironmentConfig {
  refuseMisspelt(source);
  const overrides = overridesSchema.safeParse(source);
  if (!overrides.success) {
    throw new ConfigurationError(
      "the environment of synth",
      listed(schemaProblems(overrides.error, source)),
      "set or unset the variables named above (docs/infrastructure.md)",
    );
  }
  const { FILEMILL_ENVIRONMENT: name, ...given } = overrides.data;
  const variables = Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  return validateConfiguration(applyOverrides(ENVIRONMENTS[name], overrides.data), variables);
}

/** Letters that a slip of the keyboard changes. */
const SLIPS = 2;

/** A variable that is almost one of ours is a slip, and what it was to change would silently stay. @throws ConfigurationError */
function refuseMisspelt(source: NodeJS.ProcessEnv): void {
  const known = Object.keys(overridesSchema.shape);
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

/**
 * @param variables names of those whose values are in it, for the message
 * @throws ConfigurationError with every problem
 */
export function validateConfiguration(input: EnvironmentInput, variables: readonly string[] = []): EnvironmentConfig {
  const parsed = environmentSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(
    `the configuration '${input.name}'`,
    listed(schemaProblems(parsed.error, input)),
    variables.length === 0
      ? `correct config/${input.name}.ts`
      : `correct config/${input.name}.ts, or what is given by ${variables.join(", ")}`,
  );
}

/** A line each. */
const listed = (problems: readonly string[]): string => problems.map((problem) => `  ${problem}`).join("\n");
