import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { describeLedgerContract } from "../../../../contract-suites/ledger-contract";

// the same suite on DynamoDB is in contract-suites/emulator.slow.ts
describeLedgerContract("in memory", () => Promise.resolve(new MemoryRowStore()));
