import picomatch from "picomatch";
import type { NameFilter } from "../contracts/batch";

/** Whether a file is meant, by its name in results. */
export type NamePredicate = (name: string) => boolean;

/**
 * Reads patterns as shells and `rsync` have them:
 *
 * | pattern | means |
 * | --- | --- |
 * | `*.txt` (no slash) | the last part of a name, in whatever folder |
 * | `2026/*.txt`, `/notes.txt` | the whole name |
 * | `2026/**` | everything below |
 * | `build/` | a folder of that name, wherever, with everything below |
 *
 * `*`, `?`, `[a-z]`, `{a,b}`, `**`; names that begin with a dot are names like others. What is excluded stays out, whatever includes it;
 * without an `include` everything else is meant.
 */
export function nameFilter(filter: NameFilter | undefined): NamePredicate {
  const included = (filter?.include ?? []).map(matcherOf);
  const excluded = (filter?.exclude ?? []).map(matcherOf);
  return (name) => (included.length === 0 || included.some((matches) => matches(name))) && !excluded.some((matches) => matches(name));
}

function matcherOf(pattern: string): NamePredicate {
  if (pattern.endsWith("/")) return picomatch(`${pattern.startsWith("/") ? "" : "**/"}${pattern.replace(/^\//, "")}**`, { dot: true });
  if (!pattern.includes("/")) return picomatch(pattern, { dot: true, basename: true });
  return picomatch(pattern.replace(/^\//, ""), { dot: true });
}
