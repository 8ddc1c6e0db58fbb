import { compareCodePoints } from "./compare-code-points";

/** Sorts as S3 sorts keys: by the UTF-8 bytes of the names. */
export const sortByName = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => compareCodePoints(a.name, b.name));
