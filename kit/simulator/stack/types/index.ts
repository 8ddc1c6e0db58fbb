import type { MemoryType } from "../memory-type";
import * as services from "./services";

/** Every resource type that the simulator has in memory. */
export const MEMORY_TYPES: ReadonlyMap<string, MemoryType> = new Map(
  Object.values<Readonly<Record<string, MemoryType>>>(services).flatMap((types) => Object.entries(types)),
);
