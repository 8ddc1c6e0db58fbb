/**
 * What tests get as `fast-check` (`moduleNameMapper` of jest.config.js).
 *
 * The properties of `npm test` begin from one seed, so that a change is refused for what it does and not by the luck of a draw; each file
 * still sees hundreds of cases. `npm run hunt:properties` looks where no run has looked: seeds of chance and `HUNT_FACTOR` times the cases
 * (default 10: some minutes). What it finds it prints with its seed and path, as fast-check always does.
 */
import type * as FastCheck from "fast-check";

// by its file: the name would lead back to this one
const library = jest.requireActual<typeof FastCheck>("../../node_modules/fast-check/lib/cjs/fast-check.js");

/** Any whole number would do. */
const SEED = 20_261_128;
/** fast-check's own default, https://fast-check.dev/docs/configuration/ */
const DEFAULT_RUNS = 100;
const hunt = process.env["HUNT_FACTOR"];

/** What a property is run with: given seeds are kept, except on a hunt. */
function drawn<Ts>(parameters?: FastCheck.Parameters<Ts>): FastCheck.Parameters<Ts> {
  if (hunt === undefined) return { seed: SEED, ...parameters };
  const { numRuns = DEFAULT_RUNS } = parameters ?? {};
  return { ...parameters, seed: Math.floor(Math.random() * 2 ** 31), numRuns: numRuns * Number(hunt) };
}

// one implementation of the library's overloads
const assert = ((property: FastCheck.IRawProperty<unknown>, parameters?: FastCheck.Parameters<unknown>) =>
  library.assert(property, drawn(parameters))) as typeof FastCheck.assert;

module.exports = { ...library, assert, default: { ...library.default, assert }, __esModule: true };
