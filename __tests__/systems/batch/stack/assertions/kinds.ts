import { expect } from "expect";
import { assertions } from "./assertions";
import { resourcesOf } from "../../../../support/synth";
import { expectedAlarms } from "./kinds/alarms";
import { SEVERITIES } from "./kinds/alerts";
import { expectedEvents } from "./kinds/events";
import { bodiesOf, referencesOf, type Expected } from "./kinds/expected";
import { expectedFleet } from "./kinds/fleet";
import { expectedFunctions } from "./kinds/functions";
import { expectedHardening } from "./kinds/hardening";
import { expectedStorage } from "./kinds/storage";

/**
 * Every kind of resource: which there are, and each of their arguments as it follows from the configuration. An argument that nobody
 * states is a failure, so that whoever adds one says what it is for.
 */
export const kindsAssertions = assertions("kinds of resources", ({ config, stack }, test) => {
  const ref = referencesOf(stack);
  const bodies = bodiesOf(stack);
  const expected: Expected = {
    ...expectedStorage(config, ref),
    ...expectedEvents(config, ref),
    ...expectedAlarms(config, ref),
    ...expectedFleet(config, ref),
    ...expectedFunctions(config, ref),
    ...expectedHardening(config, ref),
  };

  test("there are these kinds and no other", () => {
    expect(Object.keys(bodies).sort()).toEqual(Object.keys(expected).sort());
  });

  test("S2.94, S2.95: every alarm that tells somebody says how soon to look, by its tag and by its route", () => {
    const alarms = resourcesOf(stack, "aws_cloudwatch_metric_alarm");
    for (const { body } of alarms) {
      const name = String(body["alarm_name"]).replace(`${config.namePrefix}wordfreq-`, "");
      expect({ name, tags: body["tags"] }).toMatchObject({ name, tags: name.includes("scale-") ? {} : { Severity: SEVERITIES[name] } });
      expect(name.includes("scale-") && "Severity" in Object(body["tags"])).toBe(false);
    }
  });

  for (const [type, places] of Object.entries(expected))
    test(`each ${type} is where it should be, with the arguments that the configuration asks for`, () => {
      expect(bodies[type]).toEqual(places);
    });
});
