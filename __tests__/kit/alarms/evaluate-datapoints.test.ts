import fc from "fast-check";
import { evaluateDatapoints, evaluationRange } from "../../../kit/alarms/evaluate-datapoints";
import { MISSING_DATA_TREATMENTS, type AlarmState, type EvaluationRule, type MissingDataTreatment } from "../../../kit/alarms/metric-alarm";

const rule = (datapointsToAlarm: number, missingData: MissingDataTreatment, evaluationPeriods = 3): EvaluationRule => ({
  comparison: "GreaterThanThreshold",
  threshold: 0,
  evaluationPeriods,
  datapointsToAlarm,
  missingData,
});
/** As AWS's pages write them: `0` within the threshold, `X` beyond it, `-` missing. */
const datapoints = (written: string): (number | undefined)[] =>
  written.split(" ").map((letter) => (letter === "-" ? undefined : Number(letter === "X")));

/** A state that no rule gives by itself there. */
const BEFORE: AlarmState = "INSUFFICIENT_DATA";

describe("the tables of AWS's page", () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  test.each([
    [3, "0 - X - X", "OK", "OK", "OK", "OK"],
    [3, "0 - - - -", "OK", "OK", "OK", "OK"],
    [3, "- - - - -", "INSUFFICIENT_DATA", "stays", "ALARM", "OK"],
    [3, "0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [3, "- - X - -", "ALARM", "stays", "ALARM", "OK"],
    [2, "0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [2, "0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [2, "0 - X - -", "OK", "OK", "ALARM", "OK"],
    [2, "- - - - 0", "OK", "OK", "ALARM", "OK"],
    [2, "- - - X -", "ALARM", "stays", "ALARM", "OK"],
  ] as const)("%i of 3, %s", (wanted, written, missing, ignore, breaching, notBreaching) => {
    const seen = (["missing", "ignore", "breaching", "notBreaching"] as const).map((each) => {
      const states = (["OK", "ALARM"] as const).map((before) => evaluateDatapoints(rule(wanted, each), datapoints(written), before));
      return states[0] === states[1] ? states[0] : "stays";
    });
    expect(seen).toEqual([missing, ignore, breaching, notBreaching]);
  });

  test("what is on the page, not in its tables: one datapoint of three is no alarm yet", () => {
    for (const written of ["- - - - X", "- - - X -"])
      expect(evaluateDatapoints(rule(3, "missing"), datapoints(written), BEFORE)).not.toBe("ALARM");
  });
});

const arbitraryRule = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.constantFrom(...MISSING_DATA_TREATMENTS))
  .filter(([m, n]) => m <= n)
  .map(([m, n, missingData]) => rule(m, missingData, n));
const withDatapoints = arbitraryRule.chain((each) =>
  fc.tuple(
    fc.constant(each),
    fc.array(fc.constantFrom(0, 1, undefined), { minLength: evaluationRange(each), maxLength: evaluationRange(each) }),
    fc.constantFrom<AlarmState>("OK", "ALARM", "INSUFFICIENT_DATA"),
  ),
);

describe("rules that hold for any datapoints", () => {
  test("with enough of them, M of the latest N decide, whatever is done about missing ones", () => {
    fc.assert(
      fc.property(withDatapoints, ([each, values, before]) => {
        const real = values.filter((value) => value !== undefined);
        fc.pre(real.length >= each.evaluationPeriods);
        let breaching = 0;
        for (let back = 1; back <= each.evaluationPeriods; back += 1) if (real[real.length - back] === 1) breaching += 1;
        expect(evaluateDatapoints(each, values, before)).toBe(breaching >= each.datapointsToAlarm ? "ALARM" : "OK");
      }),
    );
  });

  test("a filled alarm is the one of the best, or the worst, filling: every way to fill what is wanting is tried", () => {
    fc.assert(
      fc.property(withDatapoints, ([each, values, before]) => {
        const real = values.filter((value) => value !== undefined);
        const wanting = Math.max(0, each.evaluationPeriods - real.length);
        fc.pre(wanting > 0 && (each.missingData === "breaching" || each.missingData === "notBreaching"));
        const filled = [...real, ...Array<number>(wanting).fill(each.missingData === "breaching" ? 1 : 0)];
        const expected = filled.filter((value) => value === 1).length >= each.datapointsToAlarm ? "ALARM" : "OK";
        expect(evaluateDatapoints(each, values, before)).toBe(expected);
      }),
    );
  });

  test("a datapoint that breaches where one did not, or was missing, ends no alarm", () => {
    fc.assert(
      fc.property(withDatapoints, fc.nat(), ([each, values, before], position) => {
        const at = position % values.length;
        // one more real datapoint pushes the oldest out of the evaluation: only what is there may get worse
        fc.pre(values[at] !== undefined);
        fc.pre(evaluateDatapoints(each, values, before) === "ALARM");
        expect(evaluateDatapoints(each, values.with(at, 1), before)).toBe("ALARM");
      }),
    );
  });

  test("only `missing` gives INSUFFICIENT_DATA, and only for nothing; only `ignore` looks at the state before", () => {
    fc.assert(
      fc.property(withDatapoints, ([each, values, before]) => {
        const state = evaluateDatapoints(each, values, before);
        const isEmpty = values.every((value) => value === undefined);
        if (each.missingData === "ignore") return;
        expect(state === "INSUFFICIENT_DATA").toBe(isEmpty && each.missingData === "missing");
        for (const other of ["OK", "ALARM"] as const) expect(evaluateDatapoints(each, values, other)).toBe(state);
      }),
    );
  });
});
