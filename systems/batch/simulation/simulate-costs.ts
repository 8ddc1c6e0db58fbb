import Table from "cli-table3";
import type { ScenarioCost } from "./costs/scenarios";
import { FEEDBACK_SABOTAGES } from "./sabotage/feedback-sabotages";
import type { ScalingPolicy } from "../../../kit/scaling/policy";
import type { Sabotage } from "../../../kit/simulator/survey/sabotage";
import type * as worlds from "./worlds";
import { withWorlds } from "../../../kit/simulator/survey/simulate-faults";
import type { SimulateEnvironment, Worlds as SystemWorlds } from "../../../kit/simulator/survey/simulation";
import { SYSTEM_NAME } from "../contracts/names";

type Worlds = typeof worlds;

interface Scenario {
  readonly name: string;
  /** Names of the sabotages that bring the rules of before back. */
  readonly before: readonly string[];
  /** @param then whether the fleet is one of before */
  readonly run: (worlds: Worlds, then: boolean) => Promise<ScenarioCost>;
}

/** What fleets had beside the orchestrator: one more each minute that messages wait. */
const POLICY_OF_BEFORE: ScalingPolicy = {
  kind: "step",
  name: "scale-out",
  adjustmentType: "ChangeInCapacity",
  steps: [{ adjustment: 1, lower: 0 }],
  warmUpSeconds: 0,
};

/**
 * The fleets of systems/batch/config/dev.ts and systems/batch/config/prod.ts, and a chunk of their target size at 20 MB a second of a slot.
 */
const SCENARIOS: readonly Scenario[] = [
  ...(
    [
      ["dev", 5],
      ["prod", 100],
    ] as const
  ).map(([name, maximum]) => ({
    name: `${name}: a month in which no host starts`,
    before: ["fleet-never-halted"],
    run: (worlds: Worlds, then: boolean) => worlds.fleetThatCannotStart(maximum, then ? POLICY_OF_BEFORE : undefined),
  })),
  {
    name: "dev: 40 chunks of 3.4 s",
    before: ["backlog-over-demand"],
    run: ({ midSizeBatch }) => midSizeBatch({ chunks: 40, secondsPerChunk: 3.4, slotsPerWorker: 2, maximum: 5, fleetConcurrency: 40 }),
  },
  {
    name: "prod: 200 chunks of 13.4 s",
    before: ["backlog-over-demand"],
    run: ({ midSizeBatch }) => midSizeBatch({ chunks: 200, secondsPerChunk: 13.4, slotsPerWorker: 2, maximum: 100, fleetConcurrency: 800 }),
  },
];

/** Prints what fleets cost by the rules as they are, and as they would be without those that keep a fleet from growing for nothing. */
export async function simulateCosts(context: SimulateEnvironment): Promise<void> {
  const table = new Table({ head: ["scenario", "planned", "without the rules", "with them"], style: { head: [], border: [] } });
  for (const { before, name, run } of SCENARIOS) {
    const live = (sabotage: Sabotage | undefined): Promise<ScenarioCost> =>
      withWorlds(SYSTEM_NAME, context, sabotage, (worlds) => run(worlds as SystemWorlds & Worlds, sabotage !== undefined));
    const now = await live(undefined);
    const then = await live(withoutRules(before));
    table.push([name, now.plannedUsd === undefined ? "" : dollars(now.plannedUsd), shown(then), shown(now)]);
  }
  context.out.write(
    `${table.toString()}\nspot instances at list price less the usual saving, with their addresses; kit/lib/price-list.json\n`,
  );
}

const withoutRules = (names: readonly string[]): Sabotage => ({
  name: names.join(", "),
  breaks: "the rules of before",
  patches: FEEDBACK_SABOTAGES.filter(({ name }) => names.includes(name)).flatMap(({ patches }) => patches),
});

const dollars = (value: number): string => `$${value.toFixed(value < 1 ? 3 : 2)}`;
const shown = ({ costUsd, instanceHours }: ScenarioCost): string => `${dollars(costUsd)} (${instanceHours.toFixed(1)} instance hours)`;
