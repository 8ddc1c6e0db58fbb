import { stackFileSchema } from "../../../../../kit/graph/stack-file";
import { PRICE_LIST } from "../../../../../kit/lib/price-list";
import { renderScenario } from "../../../../../systems/batch/cli/render/simulation";
import { fitSecondsPerFile } from "../../../../../systems/batch/cli/simulate/fit-rate";
import { readRunStack, type RunStack } from "../../../../../systems/batch/cli/simulate/run-stack";
import { scenarioSchema, type Run } from "../../../../../systems/batch/cli/simulate/scenario";
import table41 from "../../../../../systems/batch/cli/simulate/scenarios/table-4-1.json";
import { simulateScenario, type RunOutcome } from "../../../../../systems/batch/cli/simulate/simulate-scenario";
import { configuration } from "../../../../../systems/batch/config/configuration";
import { synthesize } from "../../../../support/synth";

const scenario = scenarioSchema.parse(table41);
const stacks = new Map<string, RunStack>(
  scenario.runs.map(({ environment, run, variables }) => [
    run,
    readRunStack(stackFileSchema.parse(synthesize(configuration.load({ FILEMILL_ENVIRONMENT: environment, ...variables })))),
  ]),
);
const stackOf = ({ run }: Run): RunStack => stacks.get(run) as RunStack;
const outcome = simulateScenario(scenario, stackOf, PRICE_LIST);
const row = (name: string): RunOutcome => outcome.rows.find(({ run }) => run === name) as RunOutcome;

test("the four published runs come out within a tenth, in their order, with one rate for each machine (S0.18, S1.89, S1.91, S1.92, S1.93, S1.94, S1.95)", () => {
  const published = outcome.rows.filter(({ publishedSeconds }) => publishedSeconds !== undefined);
  expect(published.map(({ publishedSeconds, run }) => [run, publishedSeconds])).toEqual([
    ["A", 375],
    ["B", 285],
    ["C", 110],
    ["D", 125],
  ]);
  for (const { error = 1 } of published) expect(Math.abs(error)).toBeLessThanOrEqual(0.1);
  expect([...published].sort((a, b) => a.simulatedSeconds - b.simulatedSeconds).map(({ run }) => run)).toEqual(["C", "D", "B", "A"]);
  expect(Object.keys(outcome.fitted)).toEqual(["t2.micro", "c5.large", "r5.large"]);
});

test("run A adds one by one, run B four at once and all five are in service within 90 s (S1.77, S1.84, S1.87, S1.88)", () => {
  const launches = (name: string): number[] =>
    row(name).result.instances.flatMap(({ launchedAt }) => (launchedAt < 0 ? [] : [Math.round(launchedAt)]));
  expect(launches("A").sort((a, b) => a - b)).toEqual([60, 180, 300]);
  expect(launches("B")).toEqual([60, 60, 60, 60]);
  expect(Math.max(...row("B").result.instances.map(({ workingAt }) => workingAt ?? Infinity))).toBeLessThan(90);
});

test("with as many messages ahead as the sources saw, 108 wait and 12 are in flight; at the end one is left, the oldest (S1.76, S1.82)", () => {
  const ahead = { ...scenario, assumptions: { ...scenario.assumptions, receivesAhead: 11, secondsToWork: 0.001 }, sensitivities: [] };
  const [run] = simulateScenario(
    {
      ...ahead,
      machines: { ...scenario.machines, "t2.micro": { slots: 1, secondsPerFile: 100, hourUsd: 1, market: "on-demand", hasAddress: false } },
    },
    stackOf,
    PRICE_LIST,
  ).rows;
  expect(run?.result.depth.find(({ atSeconds }) => atSeconds > 0)).toMatchObject({ visible: 108, inFlight: 12 });
  const { result } = row("B");
  const staying = result.instances.filter(({ endedAt }) => endedAt === undefined);
  expect(staying).toHaveLength(1);
  expect(Math.min(...result.instances.map(({ launchedAt }) => launchedAt))).toBe(staying[0]?.launchedAt);
});

test("the same load by the default policy is sooner and cheaper than run C, with all that is billed until its workers are gone", () => {
  expect(row("dev").simulatedSeconds).toBeLessThan(110);
  expect(row("dev").billedUsd).toBeLessThan(0.00496);
  expect(row("dev").result.instances.every(({ endedAt }) => endedAt !== undefined)).toBe(true);
});

test("what is printed has every run and every doubt in 80 columns", () => {
  const printed = renderScenario(scenario, outcome, 80);
  for (const { name } of scenario.sensitivities) expect(printed).toContain(name);
  for (const { machine, run } of scenario.runs) expect(printed).toContain(`${run} ${machine}`);
  expect(printed.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("a rate is fitted so that the worst of several runs is least wrong, and one run is right", () => {
  const linear = (publishedSeconds: number, files: number) => ({ publishedSeconds, secondsAt: (seconds: number) => seconds * files });
  expect(fitSecondsPerFile([linear(100, 10)])).toBeCloseTo(10, 6);
  // 10 s and 12 s a file would be right: between them, one is as much too long as the other is too short
  expect(fitSecondsPerFile([linear(100, 10), linear(120, 10)])).toBeCloseTo(240 / 22, 6);
});

test("a machine without a price of its own must be an instance type of the list; what it is given counts more", () => {
  const runs = scenario.runs.filter(({ run }) => run === "dev").map((run) => ({ ...run, machine: "mine" }));
  const own = { slots: 2, secondsPerFile: 0.075, market: "spot", hasAddress: false } as const;
  const priced = (machine: object) =>
    simulateScenario({ ...scenario, runs, sensitivities: [], machines: { mine: { ...own, ...machine } } }, stackOf, PRICE_LIST);
  expect(() => priced({})).toThrow("'mine' has no hourUsd");
  expect(priced({ hourUsd: 0 }).rows[0]?.billedUsd).toBe(0);
});

test.each([
  [{ ...table41, files: 0 }, "files"],
  [{ ...table41, machines: {} }, "is none of machines"],
  [{ ...table41, runs: [table41.runs[0], table41.runs[0]] }, "two runs 'A'"],
  [{ ...table41, runs: [{ ...table41.runs[0], publishedSeconds: undefined }] }, "no run of it has publishedSeconds"],
  [{ ...table41, surprise: 1 }, "surprise"],
])("what is no scenario is refused by its field", (given, says) => {
  expect(JSON.stringify(scenarioSchema.safeParse(given).error?.issues)).toContain(says);
});
