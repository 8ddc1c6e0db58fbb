import { changePlanSettings } from "../permissions";
import type { SynthesizedStack } from "../synth";

/** A dozen small files, so that a small set makes several chunks. */
const TARGET_CHUNK_BYTES = 1_048_576;

/** Makes a synthesized stack pack small chunks. Its leases stay: those of `local` bring back what a killed worker held in 10 s. */
export function packSmallChunks(stack: SynthesizedStack): void {
  changePlanSettings(stack, (plan) => ({ ...plan, writing: { ...plan.writing, targetChunkBytes: TARGET_CHUNK_BYTES } }));
}
