import { ConfigurationError } from "./errors";

/** Names the systems to synthesize, with commas between. */
export const SYSTEMS_VARIABLE = "FILEMILL_SYSTEMS";

/**
 * The systems that names mean, in the order of `systems` and each once.
 *
 * @param names undefined, or none: the first system
 * @throws ConfigurationError for a name that no system has
 */
export function systemsNamed<S extends { readonly name: string }>(
  systems: readonly S[],
  names: readonly string[] | undefined,
): readonly S[] {
  if (names === undefined || names.length === 0) return systems.slice(0, 1);
  const unknown = names.filter((name) => !systems.some((system) => system.name === name));
  if (unknown.length > 0) {
    const problems = unknown.map(
      (name) => `  there is no system '${name}'; there ${systems.length === 1 ? "is" : "are"} ${namesOf(systems)}`,
    );
    throw new ConfigurationError("the list of systems", problems.join("\n"), `name some of these in ${SYSTEMS_VARIABLE}, or unset it`);
  }
  return systems.filter(({ name }) => names.includes(name));
}

/** @returns undefined where the variable is not set or empty */
export function readSystemsVariable(source: NodeJS.ProcessEnv): string[] | undefined {
  const text = source[SYSTEMS_VARIABLE]?.trim() ?? "";
  return text === "" ? undefined : text.split(",").map((name) => name.trim());
}

const namesOf = (systems: readonly { readonly name: string }[]): string => systems.map(({ name }) => name).join(", ");
