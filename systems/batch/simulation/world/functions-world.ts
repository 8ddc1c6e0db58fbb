import type { Capacity, Hosts } from "../../../../kit/ports/capacity";
import type { LambdaName } from "../../../../lambdas/batch/functions";
import type { BucketNames } from "./deployed-stack";
import type { Invocation } from "../../../../kit/simulator/services/functions-service";
import type { WorldSettings } from "./settings";
import type { WorldPorts } from "./world-ports";

/** What the functions of a world run in. */
export interface FunctionsWorld {
  readonly settings: WorldSettings;
  readonly names: BucketNames;
  /** @param worker the id that the invocation claims chunks under */
  readonly portsOf: (invocation: Invocation, code: LambdaName, worker?: string) => WorldPorts;
  readonly capacityOf: (invocation: Invocation, resource: "group" | "onDemandGroup") => Capacity & Hosts;
  /** The version of the worker that is deployed; undefined where none retires. */
  readonly workerVersion: () => string | undefined;
  /** Whether functions are told of a resource that not every stack tells them of: the group, functions by their names. */
  readonly isThere: (resource: string) => boolean;
  readonly settlingSeconds: number;
  readonly invokeAsync: (name: LambdaName, payload: unknown) => void;
}
