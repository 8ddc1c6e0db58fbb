import { attemptName } from "../../core/chunk-work/process-chunk-function";
import { uploadWorkerName } from "../../core/upload-work/take-uploads";
import { processChunkInputSchema } from "../../contracts/batch";
import type { FunctionDescription, UseOf } from "../../../../kit/function/define-function";
import { composed } from "../../../../kit/function/run-function";
import { adapterFor, isResourceUse, type Adapters } from "../../../../kit/function/use";
import type { Capacity, Hosts } from "../../../../kit/ports/capacity";
import { present } from "../../../../kit/lib/present";
import { syncDecompressor } from "../../../../kit/simulator/memory/sync-decompressor";
import { BATCH_FUNCTIONS, type BatchFunction, type LambdaName } from "../../../../lambdas/batch/functions";
import { settingsOf } from "./function-settings";
import type { SimFunction } from "../../../../kit/simulator/services/functions-service";
import type { FunctionsWorld } from "./functions-world";
import type { WorldPorts } from "./world-ports";

/** Where functions put temporary files; no disk is touched, see kit/simulator/memory/stand-ins. */
export const SCRATCH_DIRECTORY = "/scratch";

/** What an adapter in memory has to work with. */
interface InMemory {
  readonly ports: WorldPorts;
  readonly names: FunctionsWorld["names"];
  readonly capacityOf: (resource: "group" | "onDemandGroup") => Capacity & Hosts;
  readonly invokeAsync: FunctionsWorld["invokeAsync"];
}

/** Of each kind of use of any function. */
const ADAPTERS: Adapters<UseOf<BatchFunction>, InMemory> = {
  objectStore: ({ ports }) => ports.store,
  folder: () => (use) => use(SCRATCH_DIRECTORY),
  decompressor: () => syncDecompressor,
  serviceFaults: ({ ports }) => ports.faults,
  callMeter: ({ ports }) => ports.calls,
  ledger: ({ ports }) => ports.ledger,
  resultStore: ({ ports }) => ports.results,
  bucket: ({ names }, { resource }) => names[resource],
  bucketList: ({ names }) => [names.source],
  unnamed: () => undefined,
  queue: ({ ports }, { resource }) => present(ports.queues[resource], `the queue ${resource}`),
  workflow: ({ ports }) => ports.workflow,
  taskCallback: ({ ports }) => ports.callback,
  capacity: ({ capacityOf }, { resource }) => capacityOf(resource),
  hosts: ({ capacityOf }, { resource }) => capacityOf(resource),
  invoke: ({ invokeAsync }, { resource }) => ({
    invokeAsync: (event) => {
      invokeAsync(resource, event);
      return Promise.resolve();
    },
  }),
};

/** All Lambdas as they are described: the composition that ships, on simulated services. An invocation is a process of its own. */
export function simFunctions(world: FunctionsWorld): Readonly<Record<LambdaName, Pick<SimFunction, "run">>> {
  return Object.fromEntries(BATCH_FUNCTIONS.map((description) => [description.name, simFunction(world, description)])) as Readonly<
    Record<LambdaName, Pick<SimFunction, "run">>
  >;
}

function simFunction(world: FunctionsWorld, description: FunctionDescription<LambdaName>): Pick<SimFunction, "run"> {
  const { name } = description;
  return {
    run: (payload, invocation) => {
      const ports = world.portsOf(invocation, name, claimantOf(name, payload, invocation.requestId));
      const inMemory: InMemory = {
        ports,
        names: world.names,
        capacityOf: (resource) => world.capacityOf(invocation, resource),
        invokeAsync: world.invokeAsync,
      };
      const settings = settingsOf(name, world);
      const portOf: Parameters<typeof composed>[1] = (use) =>
        isResourceUse(use) && use.isOptional === true && !world.isThere(use.resource)
          ? undefined
          : adapterFor(ADAPTERS, use)(inMemory, use);
      return composed(description, portOf, { clock: ports.clock, log: ports.log, settings })(payload, invocation);
    },
  };
}

/** The id that an invocation claims chunks or notes uploads under; undefined for one that does neither. */
export function claimantOf(name: string, payload: unknown, requestId: string): string | undefined {
  if (name === "process-upload") return uploadWorkerName(requestId);
  return name === "process-chunk" ? attemptName(processChunkInputSchema.parse(payload)) : undefined;
}
