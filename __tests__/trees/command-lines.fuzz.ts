import { runCommandLines } from "./support/run-command-lines";

const firstSeed = Number(process.env["FILEMILL_TREES_SEED"] ?? 1);
const count = Number(process.env["FILEMILL_COMMAND_LINES"] ?? 2_000);

test(`${count} command lines from seed ${firstSeed} on are answered as the documents say`, async () => {
  expect(await runCommandLines(firstSeed, count)).toEqual(new Map());
});
