import fc from "fast-check";
import { executionName, finishExecutionName } from "../../../../../systems/batch/contracts/state-keys";
import { parseExecutionName } from "../../../../../systems/batch/core/finish/execution-names";
import { idOf } from "./finish-world";

test("what state-keys writes is read back", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 999_999_999 }),
      fc.integer({ min: 1, max: 9_999 }),
      fc.option(fc.nat({ max: 999 }), { nil: undefined }),
      (batch, generation, attempt) => {
        const ref = { batchId: idOf(batch), generation };
        const name = attempt === undefined ? executionName(ref) : finishExecutionName(ref, attempt);
        expect(parseExecutionName(name)).toEqual(attempt === undefined ? { ref } : { ref, attempt });
      },
    ),
  );
});

test.each([
  "",
  "c1a1f2d0-8a3b-4a58-9f0e-0123456789ab",
  idOf(1),
  `${idOf(1)}-g`,
  `${idOf(1)}-g0`,
  `${idOf(1)}-g01`,
  `${idOf(1)}-g1-finish-0`,
  `${idOf(1)}-g1-finish-01`,
  `${idOf(1)}-g1-finish-`,
  `${idOf(1)}-g1-other`,
  `${idOf(1).toLowerCase()}-g1`,
  `x${idOf(1)}-g1`,
  `${idOf(1)}-g1\n`,
])("%j is none of ours", (name) => {
  expect(parseExecutionName(name)).toBeUndefined();
});
