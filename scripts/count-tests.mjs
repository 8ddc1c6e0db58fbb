// Prints the closing line of a CI run, "N passed, N failed", from Jest's JSON report. A check that failed before Jest ran (format,
// lint, types) counts as one failure, so that the line never says that all is well when it isn't.
import { existsSync, readFileSync } from "node:fs";

const [, , reportFile, exitStatus] = process.argv;
const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, "utf8")) : { numPassedTests: 0, numFailedTests: 0 };
const failedSuites = report.testResults?.filter((suite) => suite.status === "failed" && suite.assertionResults.length === 0).length ?? 0;
const failed = report.numFailedTests + failedSuites;
console.log(`${report.numPassedTests} passed, ${failed === 0 && exitStatus !== "0" ? 1 : failed} failed`);
