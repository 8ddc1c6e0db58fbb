import { productFiles } from "../support/product-files";
import { readFileSync } from "node:fs";
import path from "node:path";
import { START_FAILED_EVENT } from "../../constructs/compute/report-failed-start";
import { PROJECT } from "../support/command";

/** The call up to its fields; an event may be chosen by a condition, so there may be several. */
const LOG_CALL = /\blog\(\s*("(?:info|warn|error)"[^{;]*)/g;
const EVENT = /"([a-z]+(?:_[a-z]+)+)"/g;

/** What a simulated world tells is in its trace, not in a log. */
const sources = productFiles()
  .filter((file) => !/^systems\/\w+\/simulation\//.test(file))
  .map((file) => readFileSync(path.join(PROJECT, file), "utf8"));
const logged = new Set([
  // a host says it without the worker
  START_FAILED_EVENT,
  ...sources.flatMap((source) =>
    [...source.matchAll(LOG_CALL)].flatMap(([, call = ""]) => [...call.matchAll(EVENT)].map(([, event = ""]) => event)),
  ),
]);
const documented = new Set(
  [...readFileSync(path.join(PROJECT, "docs", "events.md"), "utf8").matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, event = ""]) => event),
);

test("S1.45: docs/events.md tells every event that is logged, and no other", () => {
  expect(logged.size).toBeGreaterThan(25);
  expect([...logged].filter((event) => !documented.has(event))).toEqual([]);
  expect([...documented].filter((event) => !logged.has(event))).toEqual([]);
});
