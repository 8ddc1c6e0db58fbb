/** A value as JSON with the keys of every object in code-unit order: equal values have equal texts, however they were stored. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sortingKeys);

function sortingKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
