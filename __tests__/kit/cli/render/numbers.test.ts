import { duration, smallUsDollars } from "../../../../kit/cli/render/numbers";

test.each([
  [0, "0 s"],
  [3.42, "3.4 s"],
  [110, "110 s"],
  [119.9, "120 s"],
  [120, "2 min"],
  [720, "12 min"],
  [3_600, "1 h"],
  [6_600, "1 h 50 min"],
  [86_400, "1 d"],
  [7_199, "2 h"],
  [22 * 86_400 + 3 * 3_600, "22 d 3 h"],
])("%d seconds are told as %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [0, "$0.0000"],
  [4e-7, "<$0.000001"],
  [0.00005, "$0.000050"],
  [0.0123, "$0.0123"],
  [12.3, "$12.30"],
])("%d US dollars are told as %s", (value, text) => {
  expect(smallUsDollars(value)).toBe(text);
});
