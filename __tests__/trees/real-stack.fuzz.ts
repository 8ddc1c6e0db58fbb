import { runCommand, testHome } from "../support/command";
import { UpStack } from "../support/up-stack";
import { argumentsOf } from "./support/run-tree";
import { runTrees } from "./support/run-trees";

const HOME = testHome("trees");
const firstSeed = Number(process.env["FILEMILL_TREES_SEED"] ?? 1);
const count = Number(process.env["FILEMILL_REAL_TREES"] ?? 100);

let stack: UpStack;
beforeAll(async () => {
  stack = await UpStack.start(HOME);
});
afterAll(() => stack.stop());

test(`${count} trees from seed ${firstSeed} on, through the command on a stack of this machine, by fleet and by Lambda`, async () => {
  const wrong = await runTrees(firstSeed, count, {
    real: {
      submit: (tree, top, route) => runCommand(HOME, ["submit", "--watch", "--json", "--route", route, ...argumentsOf(tree, top)], top),
      // no tree has more in a file
      unpackedLimitBytes: Number.POSITIVE_INFINITY,
    },
  });
  expect(wrong).toEqual(new Map());
});
