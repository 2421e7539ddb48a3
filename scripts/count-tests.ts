/**
 * Adds up the test reports, names each test that failed, and prints `N passed, N failed`. Fails when a report is missing
 * or a test failed.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { JsonTestResults } from "vitest/node";
import { repository } from "./testing/run-command.ts";

const manifests = globSync(["package.json", "packages/*/package.json"], { cwd: repository });

let passed = 0;
let failed = 0;
for (const manifest of manifests) {
	const file = join(repository, dirname(manifest), "reports/vitest.json");
	if (!existsSync(file)) {
		console.error(`no test report in ${file.slice(repository.length + 1)}`);
		process.exitCode = 1;
		continue;
	}
	// The cast is safe: vitest's JSON reporter writes this format.
	const report = JSON.parse(readFileSync(file, "utf8")) as JsonTestResults;
	passed += report.numPassedTests;
	failed += report.numFailedTests;
	if (report.success) continue;
	process.exitCode = 1;
	for (const { name, message, assertionResults } of report.testResults) {
		const file = relative(repository, name);
		if (message) console.error(`FAILED: ${file}: ${firstLines(message)}`);
		for (const { status, fullName, failureMessages } of assertionResults) {
			if (status === "failed")
				console.error(`FAILED: ${file}: ${fullName}: ${firstLines(failureMessages?.join("\n") ?? "")}`);
		}
	}
	// A test file that fails while it loads, or in a hook, has no failed test in its report. But the run must not count as passed. So the
	// failed suites or the tests that were not run count as failures, whichever number is higher.
	if (report.numFailedTests === 0) failed += Math.max(1, report.numFailedTestSuites, report.numPendingTests);
}
/** The first lines of a message, which are enough to see what happened. The space in a log is limited. */
function firstLines(message: string): string {
	return message.split("\n").slice(0, 4).join(" | ").slice(0, 500);
}

console.log(`${passed} passed, ${failed} failed`);
