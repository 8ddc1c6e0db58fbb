import type { RowStore } from "../../kit/ports/row-store";
import { describeBatches } from "./ledger/batches";
import { describeChunks } from "./ledger/chunks";
import { describeClaims } from "./ledger/claims";
import { LedgerBench } from "./ledger/ledger-bench";
import { describeNotes } from "./ledger/notes";

/**
 * What the ledger does on every RowStore.
 *
 * @param makeRows an empty table
 */
export function describeLedgerContract(name: string, makeRows: () => Promise<RowStore>): void {
  describe(`Ledger: ${name}`, () => {
    const bench = new LedgerBench(makeRows);
    describeBatches(bench);
    describeClaims(bench);
    describeChunks(bench);
    describeNotes(bench);
  });
}
