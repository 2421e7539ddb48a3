/** Adds up the test runner's own reports and prints `N passed, N failed`. Fails when a report is missing or a test failed. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");
const folders = [
	repository,
	...readdirSync(join(repository, "packages")).map((name) => join(repository, "packages", name)),
];

let passed = 0;
let failed = 0;
for (const folder of folders) {
	const file = join(folder, "reports/vitest.json");
	if (!existsSync(file)) {
		console.error(`no test report in ${file.slice(repository.length + 1)}`);
		process.exitCode = 1;
		continue;
	}
	const report = JSON.parse(readFileSync(file, "utf8")) as {
		numPassedTests: number;
		numFailedTests: number;
		success: boolean;
	};
	passed += report.numPassedTests;
	failed += report.numFailedTests;
	// A file that does not load has no failed test, but the run has failed.
	if (!report.success) process.exitCode = 1;
}
console.log(`${passed} passed, ${failed} failed`);
