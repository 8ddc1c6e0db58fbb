/** Dotted paths at which two values differ. */
export function differingPaths(one: unknown, other: unknown, at = ""): string[] {
  const bothObjects = typeof one === "object" && typeof other === "object" && one !== null && other !== null;
  if (!bothObjects) return JSON.stringify(one) === JSON.stringify(other) ? [] : [at];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) =>
    differingPaths((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key], at === "" ? key : `${at}.${key}`),
  );
}
