import picomatch from "picomatch";
import type { NameFilter } from "../../contracts/batch";

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
 *
 * @throws NamePatternError
 */
export function nameFilter(filter: NameFilter | undefined): NamePredicate {
  const included = (filter?.include ?? []).map(matcherOf);
  const excluded = (filter?.exclude ?? []).map(matcherOf);
  return (name) => (included.length === 0 || included.some((matches) => matches(name))) && !excluded.some((matches) => matches(name));
}

/** A pattern that can't be read: it would match nothing, silently. */
export class NamePatternError extends Error {
  public override readonly name = "NamePatternError";
  public constructor(pattern: string, options: ErrorOptions) {
    super(`the pattern '${pattern}' can't be read: a bracket, a brace or a backslash in it has no end, or a range runs backwards`, options);
  }
}

/**
 * `s`: a line feed in a name is a character like others, for `**` too.
 * `debug`: a pattern of which no regular expression can be made is an error; without it the library takes one that matches nothing
 * (https://github.com/micromatch/picomatch#picomatch-options).
 */
const OPTIONS = { dot: true, flags: "s", debug: true } as const;

/** @throws NamePatternError */
function matcherOf(pattern: string): NamePredicate {
  try {
    return compiled(pattern);
  } catch (error) {
    throw new NamePatternError(pattern, { cause: error });
  }
}

function compiled(pattern: string): NamePredicate {
  const fromTop = pattern.replace(/^\//, "");
  if (pattern.endsWith("/")) return picomatch(belowOnly(`${pattern.startsWith("/") ? "" : "**/"}${fromTop}**`), OPTIONS);
  if (!pattern.includes("/")) return picomatch(pattern, { ...OPTIONS, basename: true });
  return picomatch(belowOnly(fromTop), OPTIONS);
}

/** For the library `a/**` is also `a` itself; but a file of a folder's name is not below it. */
const belowOnly = (pattern: string): string => pattern.replace(/\/\*\*$/, "/**/*");
