import { causeOf } from "../../../../../kit/simulator/survey/alarm-cause";
import { SYSTEM_NAME } from "../../../../../systems/batch/contracts/names";
import { ALARM_CAUSES } from "../../../../../systems/batch/simulation/alarms/causes";
import { surveyedAlarms } from "../../../../support/alarm-survey";
import { simulateAlarms } from "../../../../support/simulate";
import { everyEnvironment, resourcesOf } from "../../../../support/synth";

const alarmNames = everyEnvironment().flatMap(({ stack }) =>
  resourcesOf(stack, "aws_cloudwatch_metric_alarm").map(({ body }) => String(body["alarm_name"])),
);

test("every alarm that any environment has, has a cause that a world is made for, and no cause is for none", () => {
  expect(alarmNames.filter((name) => causeOf(ALARM_CAUSES, name) === undefined)).toEqual([]);
  const used = new Set(alarmNames.map((name) => causeOf(ALARM_CAUSES, name)));
  expect(ALARM_CAUSES.filter((cause) => !used.has(cause))).toEqual([]);
  expect(new Set(ALARM_CAUSES.map(({ alarm }) => alarm)).size).toBe(ALARM_CAUSES.length);
});

test("an alarm fires for its cause and is over after it; calm worlds are quiet (others: alarms.slow.ts)", async () => {
  const survey = await simulateAlarms("--system", SYSTEM_NAME, "--environment", "coursework", "--seeds", "5");
  expect({ exitCode: survey.exitCode, printed: survey.printed }).toMatchObject({ exitCode: 0 });
  const { [`${SYSTEM_NAME}-coursework`]: found } = surveyedAlarms(survey);
  expect(found).toMatchObject({ worlds: 5, worldsWithAlarm: 0 });
  expect(found?.alarms).toBeGreaterThan(5);
  expect(found?.fired).toBe(found?.alarms);
});

test("wrong usage is told: an environment, and an alarm, that is not there", async () => {
  expect(await simulateAlarms("--environment", "moon")).toEqual({
    exitCode: 2,
    printed: expect.stringContaining("no environment 'moon'") as string,
  });
  expect((await simulateAlarms("--environment", "local", "--alarm", "wordfreq-nothing")).exitCode).toBe(1);
});
