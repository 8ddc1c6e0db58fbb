import { SABOTAGES } from "../../../../../systems/batch/simulation/sabotage/sabotages";
import { FAULT_KINDS } from "../../../../../kit/simulator/kernel/faults";
import { ALARM_FAULTS, caught, counted, expectNoViolation, simulate, simulateAs, type Simulated } from "../../../../support/simulate";

const SEEDS = 1_000;
/** A world that follows alarms has many uploads to see, and takes twice as long. */
const COURSEWORK_SEEDS = 150;
/** Of worlds that differ by their uploads only. */
const INGEST_SEEDS = 250;
/** Worlds within which every sabotage must show. The rarest shows in one of 700: of 1,000 worlds, none would one time in four. */
const SABOTAGE_SEEDS = 2_000;
/** All sabotages, one after the other: a change of the worlds moves what shows them to other seeds, and then each is looked for. */
const HUNT_MILLISECONDS = 40 * 60_000;

test("invariants 1 to 8, 13 and 14 hold in each of 1,000 simulated worlds, under faults of every kind", async () => {
  expectNoViolation(
    await simulate("--seeds", String(SEEDS)),
    SEEDS,
    FAULT_KINDS.filter((kind) => !ALARM_FAULTS.includes(kind)),
  );
});

test("S1.69: the plain policies of coursework end workers, and nothing is lost, however late their alarms are", async () => {
  const survey = await simulate("--environment", "coursework", "--seeds", String(COURSEWORK_SEEDS));
  expectNoViolation(survey, COURSEWORK_SEEDS, [...ALARM_FAULTS, "zone-lost", "capacity-refused", "launch-slow"]);
  expect(counted(survey, "ended by their group")).toBeGreaterThan(COURSEWORK_SEEDS / 10);
});

test("S1.116: they hold, too, in worlds whose uploads a function takes", async () => {
  const survey = await simulateAs({ FILEMILL_INGEST: "lambda" }, "--seeds", String(INGEST_SEEDS));
  expectNoViolation(
    survey,
    INGEST_SEEDS,
    FAULT_KINDS.filter((kind) => !ALARM_FAULTS.includes(kind)),
  );
});

describe("the proof can fail", () => {
  let hunted: Simulated;
  beforeAll(async () => {
    hunted = await simulate("--sabotage", "all", "--seeds", String(SABOTAGE_SEEDS));
  }, HUNT_MILLISECONDS);

  test.each(SABOTAGES.map(({ name }) => name))("%s is caught within 2,000 seeds", (name) => {
    expect(hunted.printed).toMatch(caught(name));
  });

  test("the command says so by its exit code", () => {
    expect(hunted.exitCode).toBe(0);
  });
});
