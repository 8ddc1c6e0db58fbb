// Prints the closing line of a CI run, "N passed, N failed", from Jest's JSON reports: node scripts/count-tests.mjs STATUS REPORT...
// Whatever failed without a failing test (format, lint, types, a file that can't be loaded, a report that is missing) counts as one
// failure, so that the line never says that all is well when it isn't.
import { existsSync, readFileSync } from "node:fs";

const [, , exitStatus, ...reportFiles] = process.argv;
const reports = reportFiles.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, "utf8")));
const sum = (count) => reports.map(count).reduce((total, part) => total + part, 0);
const unloadable = ({ testResults }) => testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;

const passed = sum((report) => report.numPassedTests);
const failed = sum((report) => report.numFailedTests + unloadable(report));
const unseen = failed === 0 && (exitStatus !== "0" || reports.length < reportFiles.length) ? 1 : 0;
console.log(`${passed} passed, ${failed + unseen} failed`);
