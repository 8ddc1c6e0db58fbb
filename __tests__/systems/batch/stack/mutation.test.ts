import { seededRandom } from "../../../../kit/lib/seeded-random";
import { configurationOf, resourcesOf, synthesize } from "../../../support/synth";
import { ALL_ASSERTIONS } from "./assertions/all";
import type { Environment } from "./assertions/assertions";
import { EXCUSES } from "./mutation/excuses";
import { mutantsOf, type Mutant } from "./mutation/mutants";
import { tryMutants, type Tally } from "./mutation/try-mutants";

const config = configurationOf("prod");
const prod: Environment = { name: "prod", config, stack: synthesize(config) };
const untouched = JSON.stringify(prod.stack);
const tryChosen = (chosen: (mutant: Mutant) => boolean): Tally =>
  tryMutants(prod, { assertions: ALL_ASSERTIONS, excuses: EXCUSES, chosen });
const toldOf = (mutants: readonly Mutant[]): string[] => mutants.map(({ address, path, mutation }) => `${address} ${path} ${mutation}`);

/** One in so many; `npm run mutate:infrastructure` tries all. */
const SAMPLED_SHARE = 1 / 60;
const SEED = 12;

test("of a sample of changes of the stack each is noticed, or excused with a reason", () => {
  const random = seededRandom(SEED);
  const { mutants, survivors } = tryChosen(() => random() < SAMPLED_SHARE);
  expect(toldOf(survivors)).toEqual([]);
  expect(mutants).toBeGreaterThan(50);
});

test("an alarm's period, periods, statistic and namespace are noticed on every alarm", () => {
  const { mutants, noticed } = tryChosen(
    ({ address, path }) =>
      address.startsWith("aws_cloudwatch_metric_alarm.") && /^(period|evaluation_periods|statistic|namespace)$/.test(path),
  );
  // of an alarm on metric math the queries have all but one
  const counts = resourcesOf(prod.stack, "aws_cloudwatch_metric_alarm").map(({ body }) => ("metric_query" in body ? 1 : 4));
  const texts = counts.filter((count) => count === 4).length * 2;
  const expected = counts.reduce((sum, count) => sum + count, 0) * 2 + texts;
  // deleted and changed; text emptied too
  expect([mutants, noticed]).toEqual([expected, expected]);
});

test("a schedule that is gone is noticed", () => {
  const { mutants, noticed } = tryChosen(
    ({ address, path, mutation }) => address.startsWith("aws_cloudwatch_event_rule.") && path === "" && mutation === "deleted",
  );
  expect([mutants, noticed]).toEqual([5, 5]);
});

test("a change is a change, and taking it back leaves nothing of it", () => {
  const random = seededRandom(SEED + 1);
  for (const mutant of mutantsOf(prod.stack)) {
    if (random() >= SAMPLED_SHARE) continue;
    mutant.apply();
    const changed = JSON.stringify(prod.stack);
    mutant.undo();
    expect({ mutant: toldOf([mutant]), changes: changed !== untouched, same: JSON.stringify(prod.stack) === untouched }).toEqual({
      mutant: toldOf([mutant]),
      changes: true,
      same: true,
    });
  }
});

test("a line of the script that is there twice is changed in both at once, so that comparing them tells nothing", () => {
  // of each group the script, and what the version is the hash of; what joins the latter has one line
  const before = Object.values(prod.stack.locals);
  expect(before.filter((text) => text.includes("\n"))).toHaveLength(4);
  const changes = new Set<number>();
  for (const mutant of mutantsOf(prod.stack)) {
    if (!mutant.address.startsWith("locals.") || !mutant.path.startsWith(":")) continue;
    mutant.apply();
    changes.add(Object.values(prod.stack.locals).filter((text, index) => text !== before[index]).length);
    mutant.undo();
  }
  // of one group both, or all: a line of one only would be told by the comparison
  expect([...changes].sort()).toEqual([2, 4]);
});

test("what nothing asserts survives, and is named", () => {
  const { survivors, mutants } = tryMutants(prod, {
    assertions: [{ subject: "nothing", of: () => [] }],
    excuses: [],
    chosen: ({ address, path }) => address.startsWith("aws_vpc.") && path === "cidr_block",
  });
  expect(mutants).toBe(3);
  expect(survivors.map(({ path, mutation }) => `${path} ${mutation}`)).toEqual([
    "cidr_block deleted",
    "cidr_block changed",
    "cidr_block emptied",
  ]);
});
