import { PlanRefusedError } from "../../../../../systems/batch/core/planning/errors";
import { proveDeadline, proveTerms } from "../../../../../systems/batch/core/planning/prove-terms";

const NOON = Date.UTC(2026, 0, 1, 12);
const at = (milliseconds: number): string => new Date(NOON + milliseconds).toISOString();
const ESTIMATE = { seconds: 100, costUsd: 0.5 };

test.each([
  ["nothing was bounded", {}],
  ["it costs exactly the budget", { budgetUsd: 0.5 }],
  ["it ends exactly at the deadline", { deadline: at(100_000) }],
  ["both have room", { budgetUsd: 0.51, deadline: at(101_000) }],
])("let through: %s", (_, terms) => {
  expect(() => {
    proveTerms(terms, ESTIMATE, NOON);
  }).not.toThrow();
});

test.each([
  ["the budget is a little less", { budgetUsd: 0.499999 }, /expected to cost 0\.5 US dollars.*at most 0\.499999 US dollars.*higher budget/],
  ["a part of a second is missing", { deadline: at(99_999) }, /expected to take 100 s.*in 99 s.*later deadline/],
  ["the deadline is met, the budget is not", { budgetUsd: 0.1, deadline: at(200_000) }, /budget/],
  ["the budget is met, the deadline is not", { budgetUsd: 1, deadline: at(50_000) }, /in 50 s/],
])("refused with limit, value and way out: %s", (_, terms, reason) => {
  const prove = (): void => {
    proveTerms(terms, ESTIMATE, NOON);
  };
  expect(prove).toThrow(PlanRefusedError);
  expect(prove).toThrow(reason);
});

test.each([-1, 0])("a deadline that was or is now is over (%p ms from now)", (milliseconds) => {
  expect(() => {
    proveDeadline({ deadline: at(milliseconds) }, NOON);
  }).toThrow(/it is 2026-01-01T12:00:00\.000Z and no file has been worked on.*later deadline/);
});

test.each([{}, { deadline: at(1) }])("a deadline that is to come, or none, is not over", (terms) => {
  expect(() => {
    proveDeadline(terms, NOON);
  }).not.toThrow();
});
