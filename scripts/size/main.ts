/**
 * Weighs the shortest programs and fails when one is over its budget. Needs built packages.
 *
 *   node main.ts              the table
 *   node main.ts --modules    and what each module adds, in bytes minified
 */
import { relative, resolve } from "node:path";
import { budgets } from "./budgets.ts";
import { programFile, weigh } from "./measure.ts";

const repository = resolve(import.meta.dirname, "../..");

console.log("| program | min | min + gzip | budget | wanted |\n| --- | --- | --- | --- | --- |");
for (const { program, what, bytes, wanted } of budgets) {
	const { minified, gzipped, modules } = await weigh(programFile(program));
	const over = gzipped > bytes ? " **over**" : "";
	console.log(`| ${what} | ${minified} | ${gzipped}${over} | ${bytes} | ${wanted ?? ""} |`);
	if (over) process.exitCode = 1;
	if (!process.argv.includes("--modules")) continue;
	for (const module of modules) {
		console.log(`    ${String(module.bytes).padStart(6)} ${relative(repository, resolve(module.path))}`);
	}
}
