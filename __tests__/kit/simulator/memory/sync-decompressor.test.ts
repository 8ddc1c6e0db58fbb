import { syncDecompressor } from "../../../../kit/simulator/memory/sync-decompressor";
import { describeDecompressorContract } from "../../../contract-suites/decompressor-contract";

// shared machines can be many times slower than this takes
jest.setTimeout(60_000);

describeDecompressorContract("the simulator's", syncDecompressor);
