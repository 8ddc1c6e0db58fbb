import { runCommandLines } from "./support/run-command-lines";

test("whatever is typed is answered as the documents say: an exit code, words and no traces, JSON where it was asked for", async () => {
  expect(await runCommandLines(1, 100)).toEqual(new Map());
});
