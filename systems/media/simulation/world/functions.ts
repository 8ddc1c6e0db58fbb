import type { UseOf } from "../../../../kit/function/define-function";
import { composed } from "../../../../kit/function/run-function";
import { adapterFor, type Adapters } from "../../../../kit/function/use";
import type { LogEvent } from "../../../../kit/lib/log";
import type { MessageSink } from "../../../../kit/ports/job-queue";
import type { RowStore } from "../../../../kit/ports/row-store";
import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import type { SimFunction } from "../../../../kit/simulator/services/functions-service";
import { classifyFunction } from "../../../../lambdas/media/classify/function";
import type { Route } from "../../contracts/media-types";
import type { UploadReader } from "../../ports/upload-reader";
import type { Facts } from "./facts";

/** What one process has. */
export interface MediaPorts {
  readonly rows: RowStore;
  readonly reader: UploadReader;
  readonly sinks: Readonly<Record<Route, MessageSink>>;
  readonly newClaim: () => string;
  readonly log: LogEvent;
}

/** Of each kind of use of any function. */
const ADAPTERS: Adapters<UseOf<typeof classifyFunction>, MediaPorts> = {
  claims: ({ newClaim }) => newClaim,
  rows: ({ rows }) => rows,
  reader: ({ reader }) => reader,
  sink: ({ sinks }, { resource }) => sinks[resource],
};

/** The Lambda as it is described: the composition that ships, on simulated services. An invocation is a process of its own. */
export const mediaFunctions = (
  portsOf: (process: SimProcess) => MediaPorts,
  facts: Facts,
): Readonly<Record<string, Pick<SimFunction, "run">>> => ({
  [classifyFunction.name]: {
    run: async (event, invocation) => {
      const { process } = invocation;
      const ports = portsOf(process);
      const run = composed(classifyFunction, (use) => adapterFor(ADAPTERS, use)(ports, use), {
        clock: process.clock,
        log: ports.log,
        settings: undefined,
      });
      const result = await run(event, invocation);
      facts.succeed(process);
      return result;
    },
  },
});
