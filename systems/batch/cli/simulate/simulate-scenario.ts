import type { Load, LoadResult } from "../../../../kit/simulator/load/load";
import type { PriceList } from "../../../../kit/lib/price-list";
import { MINIMUM_INSTANCE_SECONDS } from "../../../../kit/lib/prices";
import { simulateLoad } from "../../../../kit/simulator/load/simulate-load";
import { fitSecondsPerFile } from "./fit-rate";
import type { RunStack } from "./run-stack";
import type { Assumptions, Machine, Run, Scenario } from "./scenario";

/** One run as it was simulated. */
export interface RunOutcome {
  readonly run: string;
  readonly machine: string;
  readonly publishedSeconds: number | undefined;
  readonly simulatedSeconds: number;
  /** Of the published seconds: 0.05 is five percent too long. */
  readonly error: number | undefined;
  /** Instances that were there or launched. */
  readonly instances: number;
  /** In service until the last file was done, as the published table counts. */
  readonly instanceSeconds: number;
  readonly costUsd: number;
  /** All that is billed for it: from each launch to its end, a minute at least; what stays, until the last file was done. */
  readonly billedUsd: number;
  /** Until as few instances were left as the group may have. undefined: nothing ends the others */
  readonly settledSeconds: number | undefined;
  readonly result: LoadResult;
}

export interface SensitivityOutcome {
  readonly name: string;
  readonly rows: readonly { readonly run: string; readonly simulatedSeconds: number }[];
}

export interface ScenarioOutcome {
  readonly rows: readonly RunOutcome[];
  /** Seconds of a slot for a file, by machine; those that were fitted. */
  readonly fitted: Readonly<Record<string, number>>;
  readonly sensitivities: readonly SensitivityOutcome[];
}

/**
 * @param stackOf the stack of each run
 * @throws UnpricedMachineError
 */
export function simulateScenario(scenario: Scenario, stackOf: (run: Run) => RunStack, prices: PriceList): ScenarioOutcome {
  // before anything takes its time
  const hourUsd = new Map(Object.entries(scenario.machines).map(([name, machine]) => [name, hourUsdOf(name, machine, prices)]));
  const { assumptions, machines, runs } = scenario;
  const lived = (run: Run, secondsPerFile: number, given = assumptions): LoadResult =>
    simulateLoad(loadOf(scenario, run, stackOf(run), secondsPerFile, given));
  const fitted: Record<string, number> = {};
  for (const [name, { secondsPerFile }] of Object.entries(machines)) {
    if (secondsPerFile !== "fit") continue;
    fitted[name] = fitSecondsPerFile(
      runs.flatMap((run) => {
        const { machine, publishedSeconds } = run;
        if (machine !== name || publishedSeconds === undefined) return [];
        return [{ publishedSeconds, secondsAt: (seconds) => lived(run, seconds).seconds ?? Number.POSITIVE_INFINITY }];
      }),
    );
  }
  const rateOf = ({ machine }: Run): number => fitted[machine] ?? numberOf(machineOf(scenario, machine).secondsPerFile);
  return {
    rows: runs.map((run) => outcomeOf(run, hourUsd.get(run.machine) ?? 0, lived(run, rateOf(run)))),
    fitted,
    sensitivities: scenario.sensitivities.map(({ assumptions: changed, name }) => ({
      name,
      rows: runs.map((run) => ({
        run: run.run,
        simulatedSeconds: lived(run, rateOf(run), changedBy(assumptions, changed)).seconds ?? Number.POSITIVE_INFINITY,
      })),
    })),
  };
}

function loadOf(
  { bytesPerFile, files, filesPerSecond, machines }: Scenario,
  { machine }: Run,
  { alarms, group, idleRetireSeconds, jobsPerWorker, queueName }: RunStack,
  secondsPerFile: number,
  assumptions: Assumptions,
): Load {
  const { credits, slots } = machines[machine] ?? { credits: undefined, slots: 1 };
  const machineType = { slots, secondsPerFile: () => secondsPerFile, ...(credits === undefined ? {} : { credits }) };
  return {
    ...assumptions,
    group,
    alarms,
    queueName,
    arrivals: { files, bytesOf: () => bytesPerFile, ...(filesPerSecond === undefined ? {} : { perSecond: filesPerSecond }) },
    typeOf: () => machineType,
    ...(jobsPerWorker === undefined ? {} : { orchestrator: { messagesPerWorker: jobsPerWorker } }),
    ...(idleRetireSeconds === undefined ? {} : { idleRetireSeconds }),
  };
}

function outcomeOf({ machine, publishedSeconds, run }: Run, hourUsd: number, result: LoadResult): RunOutcome {
  const { instances, seconds: simulatedSeconds = Number.POSITIVE_INFINITY, settledSeconds } = result;
  const inService = instances.reduce(
    (sum, { endedAt = simulatedSeconds, workingAt = simulatedSeconds }) =>
      sum + Math.max(0, Math.min(endedAt, simulatedSeconds) - Math.max(0, workingAt)),
    0,
  );
  const billed = instances.reduce(
    (sum, { endedAt = simulatedSeconds, launchedAt }) => sum + Math.max(MINIMUM_INSTANCE_SECONDS, endedAt - Math.max(0, launchedAt)),
    0,
  );
  return {
    run,
    machine,
    publishedSeconds,
    simulatedSeconds,
    error: publishedSeconds === undefined ? undefined : simulatedSeconds / publishedSeconds - 1,
    instances: instances.length,
    instanceSeconds: inService,
    costUsd: (inService * hourUsd) / 3_600,
    billedUsd: (billed * hourUsd) / 3_600,
    settledSeconds,
    result,
  };
}

/** A machine that has no price of its own, and is called by no instance type of the price list. */
export class UnpricedMachineError extends Error {
  public override readonly name = "UnpricedMachineError";
}

function hourUsdOf(name: string, { hasAddress, hourUsd, market }: Machine, { instances, usd }: PriceList): number {
  if (hourUsd !== undefined) return hourUsd;
  const priced = instances[name];
  if (priced === undefined)
    throw new UnpricedMachineError(
      `the machine '${name}' has no hourUsd, and the price list has no such type; it has ${Object.keys(instances).join(", ")}`,
    );
  return (market === "spot" ? priced.spotHour : priced.onDemandHour) + (hasAddress ? usd.publicAddressHour : 0);
}

function machineOf({ machines }: Scenario, name: string): Machine {
  const machine = machines[name];
  // the schema has looked
  if (machine === undefined) throw new RangeError(`the scenario has no machine ${name}`);
  return machine;
}

const numberOf = (given: number | "fit"): number => (given === "fit" ? Number.NaN : given);

/** What is not said stays. */
const changedBy = (assumptions: Assumptions, changed: Partial<Record<keyof Assumptions, number | undefined>>): Assumptions => ({
  ...assumptions,
  ...Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)),
});
