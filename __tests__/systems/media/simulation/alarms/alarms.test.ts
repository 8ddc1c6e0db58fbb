import { configuration } from "../../../../../systems/media/config/configuration";
import { SYSTEM_NAME } from "../../../../../systems/media/contracts/names";
import { surveyedAlarms } from "../../../../support/alarm-survey";
import { simulateAlarms } from "../../../../support/simulate";

const SEEDS = 20;

test("each alarm of each environment fires for its cause and is over after it, and none in calm worlds", async () => {
  const survey = await simulateAlarms("--system", SYSTEM_NAME, "--seeds", String(SEEDS));
  const found = surveyedAlarms(survey);
  expect(Object.keys(found).sort()).toEqual(configuration.environments.map((name) => `${SYSTEM_NAME}-${name}`).sort());
  for (const { alarms, fired, worlds, worldsWithAlarm } of Object.values(found)) {
    expect(alarms).toBeGreaterThan(0);
    expect({ fired, worlds, worldsWithAlarm }).toEqual({ fired: alarms, worlds: SEEDS, worldsWithAlarm: 0 });
  }
  expect(survey.exitCode).toBe(0);
});
