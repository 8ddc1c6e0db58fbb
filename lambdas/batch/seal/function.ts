import { z } from "zod";
import { defineFunction } from "../../../kit/function/define-function";
import { generationRefSchema } from "../../../systems/batch/contracts/batch";
import { BATCHES_PREFIX } from "../../../systems/batch/contracts/state-keys";
import { seal } from "../../../systems/batch/core/seal/seal";
import { folder, ledger, objectStore, stateBucket } from "../uses";

export const sealFunction = defineFunction({
  name: "seal",
  description: "Closes a generation and settles the state of each of its files",
  /** `error`: what the machine caught before it came here; then the generation failed. */
  input: generationRefSchema.extend({ error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional() }),
  uses: {
    ledger: ledger("get", "update", "query"),
    store: objectStore,
    stateBucket: stateBucket(["read", "list", "write"], BATCHES_PREFIX),
    withFolder: folder,
  },
  compose:
    ({ withFolder, ...deps }) =>
    async ({ error, ...ref }) => {
      const { status } = await withFolder((directory) =>
        error === undefined
          ? seal({ ...deps, directory }, ref, "complete")
          : seal({ ...deps, directory }, ref, "failed", `${error.Error}: ${error.Cause ?? "no cause given"}`),
      );
      return { status };
    },
});
