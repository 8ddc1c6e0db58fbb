import type { ResourceType } from "../resource-type";
import * as services from "./services";

/** Every resource type that the local run creates. */
export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map(
  Object.values<Readonly<Record<string, ResourceType>>>(services).flatMap((types) => Object.entries(types)),
);
