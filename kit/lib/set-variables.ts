/** Those of the variables that are set, with their values. */
export const setVariables = (names: readonly string[], source: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]]])));
