/**
 * fast-check in a mutation run, where a property is repeated for every mutant: a tenth of its runs, and no search for the smallest
 * counterexample, which nobody reads. It can only find fewer mutants than the whole property does.
 */
const fc = require("fast-check");

const SHARE = 0.1;
const LEAST_RUNS = 20;
/** What fast-check runs when a property doesn't say: https://fast-check.dev/docs/configuration/user-definable-values/ */
const DEFAULT_RUNS = 100;

const shortened = (parameters) => ({
  ...parameters,
  numRuns: Math.max(LEAST_RUNS, Math.ceil((parameters?.numRuns ?? DEFAULT_RUNS) * SHARE)),
  endOnFailure: true,
});

module.exports = { ...fc, default: { ...fc.default, assert: (property, parameters) => fc.assert(property, shortened(parameters)) } };
