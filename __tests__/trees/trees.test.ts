import { runTrees } from "./support/run-trees";

/** `npm run test:trees` runs many more, as a user for whom permissions hold. */
test("trees of files come to what the documents say of them, two ways, and stay as they were", async () => {
  expect(await runTrees(1, 30)).toEqual(new Map());
});
