import type { EvaluatedStack } from "../../graph/evaluated-stack";
import type { AlarmTransition } from "../../alarms/alarm-engine";
import type { AlarmCause } from "./alarm-cause";
import type { FaultCounts, FaultKind } from "../kernel/faults";
import type { Sabotage } from "./sabotage";

/** A rule that was broken: the number of the invariant (docs/invariants.md) and what was seen. */
export interface Violation {
  readonly invariant: number;
  readonly problem: string;
}

/** What came of one world. */
export interface SeedOutcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly faults: FaultCounts;
  /** Facts that show that the world did something, by what they are called in print. */
  readonly counts: Readonly<Record<string, number>>;
  readonly virtualSeconds: number;
  readonly trace: string;
  /** What makes this world differ from others. */
  readonly drawn: object;
  /** What the stack's alarms did, where they were looked at. @default nobody looked */
  readonly alarms?: readonly AlarmTransition[];
}

/** What `systems/<system>/simulation/worlds.ts` exports; it is bundled apart (scripts/build/simulator-bundle.mjs). */
export interface Worlds {
  /**
   * Lives through one world, from its seed to its end, and checks it.
   *
   * @param provoked faults that do happen there. @default none is sure to
   */
  readonly runSeed: (seed: number, stack: EvaluatedStack, keepTrace?: boolean, provoked?: readonly FaultKind[]) => Promise<SeedOutcome>;
  /** As runSeed, in a world in which nothing goes wrong, with an eye on the alarms. */
  readonly runUndisturbed: (seed: number, stack: EvaluatedStack, keepTrace?: boolean) => Promise<SeedOutcome>;
  /** What makes each alarm of any environment fire. */
  readonly alarmCauses: readonly AlarmCause[];
}

/** Where a simulation runs, and where it prints. */
export interface SimulateEnvironment {
  /** Holds dist/ and the sources. */
  readonly projectDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly out: NodeJS.WritableStream;
}

/** A system's part in its manifest: what the simulator knows of it beside its worlds. */
export interface Simulation {
  readonly sabotages: readonly Sabotage[];
  /** Prints what things cost, from worlds made for it. @default the system has no such */
  readonly simulateCosts?: (environment: SimulateEnvironment) => Promise<void>;
}

/** A simulation, with the system whose it is. */
export interface SystemSimulation extends Simulation {
  readonly system: string;
  /** Variables of its configuration that its worlds take over from whoever starts them. */
  readonly modeVariables: readonly string[];
  /** Its environments. */
  readonly environments: readonly string[];
}
