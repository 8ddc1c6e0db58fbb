import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { deadlineAt, durationMilliseconds, parseDeadline } from "../../../../systems/batch/cli/deadline";
import { UsageError } from "../../../../kit/cli/command-errors";

const NOW = Date.UTC(2026, 2, 1);

test.each([
  ["2h", 7_200_000],
  ["1h30m", 5_400_000],
  ["90s", 90_000],
  ["1D2H", 93_600_000],
  ["PT90M", 5_400_000],
  ["P1DT2H3M4S", 93_784_000],
  ["P1D", 86_400_000],
])("%s is a duration of %d ms", (text, milliseconds) => {
  expect(durationMilliseconds(text)).toBe(milliseconds);
});

test("a duration written short and in ISO 8601 is the same, whichever units it has", () => {
  const unit = fc.option(fc.nat({ max: 10_000 }), { nil: undefined });
  fc.assert(
    fc.property(unit, unit, unit, unit, (days, hours, minutes, seconds) => {
      const part = (value: number | undefined, letter: string): string => (value === undefined ? "" : `${value}${letter}`);
      const time = part(hours, "H") + part(minutes, "M") + part(seconds, "S");
      fc.pre(days !== undefined || time !== "");
      const expected = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1_000;
      expect(durationMilliseconds(part(days, "d") + time.toLowerCase())).toBe(expected);
      expect(durationMilliseconds(`P${part(days, "D")}${time === "" ? "" : `T${time}`}`)).toBe(expected);
    }),
  );
});

test("a time keeps its moment, whatever its zone", () => {
  expect(parseDeadline("2026-03-01T18:00:00+02:00")).toEqual({ kind: "at", at: "2026-03-01T16:00:00.000Z" });
});

test.each(["", "P", "PT", "2", "2w", "P1M", "P1Y", "h", "-2h", "1.5h", "tomorrow", "2026-03-01", "2026-03-01T18:00:00"])(
  "'%s' is neither a duration nor a moment",
  (text) => {
    expect(() => parseDeadline(text)).toThrow(InvalidArgumentError);
  },
);

test("a duration counts from the submission", () => {
  expect(deadlineAt(parseDeadline("1h30m"), NOW)).toBe("2026-03-01T01:30:00.000Z");
  expect(deadlineAt(parseDeadline("2026-03-01T00:00:01Z"), NOW)).toBe("2026-03-01T00:00:01.000Z");
});

test.each([
  ["0s", /0s is not in the future/],
  ["2026-03-01T00:00:00Z", /is not in the future/],
  ["400d", /400d is more than a year away/],
])("a deadline of %s is refused", (text, message) => {
  expect(() => deadlineAt(parseDeadline(text), NOW)).toThrow(UsageError);
  expect(() => deadlineAt(parseDeadline(text), NOW)).toThrow(message);
});
