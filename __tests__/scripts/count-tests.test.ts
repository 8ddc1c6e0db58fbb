import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { PROJECT } from "../support/command";

const run = promisify(execFile);
const PASSED = { numPassedTests: 3, numFailedTests: 0, testResults: [{ status: "passed", assertionResults: [{}] }] };
const FAILED = { numPassedTests: 1, numFailedTests: 2, testResults: [{ status: "failed", assertionResults: [{}] }] };
const UNLOADABLE = { numPassedTests: 1, numFailedTests: 0, testResults: [{ status: "failed", assertionResults: [] }] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-count-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  ["the tests of all reports are added up", 0, [PASSED, PASSED], "6 passed, 0 failed"],
  ["failed tests too", 1, [PASSED, FAILED], "4 passed, 2 failed"],
  ["a file that could not be loaded is a failure", 1, [PASSED, UNLOADABLE], "4 passed, 1 failed"],
  ["a run without a report is one", 0, [PASSED, undefined], "3 passed, 1 failed"],
  ["a check that failed before the tests is one", 1, [PASSED], "3 passed, 1 failed"],
])("the last line of CI: %s", async (_what, status, reports, line) => {
  const files = reports.map((_report, index) => path.join(folder, `${String(index)}.json`));
  for (const [index, report] of reports.entries()) {
    const file = files[index] ?? "";
    await (report === undefined ? rm(file, { force: true }) : writeFile(file, JSON.stringify(report)));
  }
  const { stdout } = await run(process.execPath, [path.join(PROJECT, "scripts", "count-tests.mjs"), String(status), ...files]);
  expect(stdout).toBe(`${line}\n`);
});
