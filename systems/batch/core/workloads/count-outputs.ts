import type { OutputCounts } from "../../contracts/files";

/** How many outputs there are, and how big they are together. */
export const countOutputs = (outputs: readonly { readonly bytes: number }[] = []): OutputCounts => ({
  files: outputs.length,
  bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
});
