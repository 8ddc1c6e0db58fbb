import { hasKernel } from "./simd/kernel";

/** How words of UTF-8 are found; the counts are the same. */
export type CountingEngine = "simd" | "plain";

/** What this machine counts with. */
export const countingEngine = (): CountingEngine => (hasKernel() ? "simd" : "plain");
