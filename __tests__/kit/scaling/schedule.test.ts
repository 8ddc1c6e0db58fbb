import type { MetricAlarm } from "../../../kit/alarms/metric-alarm";
import { AutoScaling } from "../../../kit/scaling/auto-scaling";
import { forecastCapacity, Schedule } from "../../../kit/scaling/schedule";
import { targetAlarms } from "../../../kit/scaling/target-alarms";
import { groupDefinition, MINUTE, SECOND } from "./driven-group";

const HOUR = 60 * MINUTE;
const at = (text: string): number => Date.parse(text);

test("a recurring action comes at each of its times in its zone, a single one once, none after its end", () => {
  const schedule = new Schedule(
    [
      { name: "morning", recurrence: "0 8 * * 1-5", timeZone: "Europe/Berlin", desired: 4 },
      { name: "sale", startsAt: at("2026-01-05T12:00:00Z"), maximum: 10 },
      { name: "over", recurrence: "0 * * * *", endsAt: at("2026-01-05T01:00:00Z"), minimum: 1 },
    ],
    at("2026-01-05T00:30:00Z"),
  );
  const seen: string[] = [];
  for (let next = schedule.nextDue(); next !== undefined && seen.length < 5; next = schedule.nextDue())
    for (const { name } of schedule.due(next)) seen.push(`${name} ${new Date(next).toISOString()}`);
  expect(seen).toEqual([
    "over 2026-01-05T01:00:00.000Z",
    "morning 2026-01-05T07:00:00.000Z",
    "sale 2026-01-05T12:00:00.000Z",
    "morning 2026-01-06T07:00:00.000Z",
    "morning 2026-01-07T07:00:00.000Z",
  ]);
});

test("a forecast raises ahead of its time, and only one that scales", () => {
  const forecast = {
    points: [
      { at: HOUR, capacity: 3 },
      { at: 2 * HOUR, capacity: 7 },
    ],
    bufferSeconds: 300,
    scales: true,
  };
  expect(
    [0, HOUR - 300 * SECOND, HOUR, 2 * HOUR - 301 * SECOND, 2 * HOUR - 300 * SECOND].map((now) => forecastCapacity(forecast, now)),
  ).toEqual([0, 3, 3, 3, 7]);
  expect(forecastCapacity({ ...forecast, scales: false }, HOUR)).toBe(0);
});

test("groups follow their clocks, their forecasts and their own alarms, each by its ARN", () => {
  const policy = { kind: "target-tracking", name: "cpu", targetValue: 50, disablesScaleIn: false } as const;
  const [high] = targetAlarms("arn:policy", "cpu", 50, { series: [], comparedId: "cpu" });
  let ids = 0;
  const scaling = new AutoScaling(
    [
      {
        definition: groupDefinition({ name: "web", desired: 2, maximum: 8, warmUpSeconds: 0 }),
        policies: new Map([["arn:policy", policy]]),
        schedule: [{ name: "noon", startsAt: 12 * HOUR, minimum: 3 }],
        forecast: { points: [{ at: 13 * HOUR, capacity: 6 }], bufferSeconds: 0, scales: true },
      },
      { definition: groupDefinition({ name: "app" }), policies: new Map() },
    ],
    () => `i-${++ids}`,
    0,
  );
  const group = scaling.find("web");
  const advance = (now: number): void => {
    for (const { commands, group: of } of scaling.advance(now)) {
      for (const each of commands) {
        if (each.kind === "launch") of.running(each.instance.id, now);
        else if (each.kind === "terminate") of.ended(each.instanceId, now);
      }
    }
  };
  advance(0);
  const action = (arn: string, value?: number) => ({ arn, alarm: high as MetricAlarm, state: "ALARM" as const, value });
  expect(scaling.execute(action("arn:other", 90), SECOND)).toBeUndefined();
  expect(scaling.execute(action("arn:policy"), SECOND)).toBeUndefined();
  expect(scaling.execute(action("arn:policy", 90), SECOND)).toEqual({ kind: "set", desired: 4 });
  advance(SECOND);
  expect(scaling.nextDue()).toBe(12 * HOUR);
  group?.setDesired(2, HOUR);
  advance(12 * HOUR);
  expect(group?.desired).toBe(3);
  advance(13 * HOUR);
  expect([group?.desired, group?.instances.length]).toEqual([6, 6]);
  expect(scaling.find("app")?.instances).toEqual([]);
});
