/**
 * Generates a package's `src/generated` from a spec.
 *
 *   node main.ts client <spec.yaml> <folder> [facts] [paces] [pools] [--check]  types and reply checks of one venue
 *   node main.ts sims <specs folder> <folder> [--check]                 types only, of every venue
 *   node main.ts types <spec.yaml> <folder> [--check]                   types only, of one spec
 *
 * With `facts`, `paces` or `pools`, also writes the constant of that name to `facts.ts`. A package names those that its code uses.
 * With `--check`, writes nothing and fails when the committed files differ.
 */
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { checkFiles, type Files, fromRoot, readFiles, writeFiles } from "./generated-files.ts";
import { readSpec, SpecError } from "./read-spec.ts";
import { checksSource } from "./reply-checks.ts";
import { type FactsConstant, factsSource, isFactsConstant } from "./session-constants.ts";
import { typesSource } from "./types.ts";
import { isOwn } from "./x-session-schema.ts";

/** Generates the files of `src/generated`. Returns their texts by file name. */
async function generate(kind: string, source: string, constants: readonly FactsConstant[]): Promise<Files> {
	const files = new Map<string, string>();
	if (kind === "sims") {
		for (const specFile of globSync(join(source, "*.yaml")).sort()) {
			const spec = await readSpec(specFile);
			if (isOwn(spec.document)) continue;
			files.set(`${basename(specFile, ".yaml")}.ts`, headerOf(specFile) + (await typesSource(spec)));
		}
		return files;
	}
	const spec = await readSpec(source);
	files.set("schema.ts", headerOf(source) + (await typesSource(spec)));
	if (kind === "client") files.set("check.ts", headerOf(source) + checksSource(spec));
	if (constants.length > 0) files.set("facts.ts", headerOf(source) + factsSource(spec, constants));
	return files;
}

function headerOf(specFile: string): string {
	return `// Generated from ${fromRoot(specFile)} by "npm run generate". Change the spec, not this file.\n\n`;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: "boolean" } } });
const [kind = "", source, folder, ...constants] = positionals;
const isKind = ["client", "sims", "types"].includes(kind);
if (!isKind || !source || !folder || !constants.every(isFactsConstant)) {
	console.error(
		"usage: node main.ts client|sims|types <spec or folder of specs> <output folder> [facts] [paces] [pools] [--check]",
	);
	process.exit(2);
}
try {
	const files = await generate(kind, source, constants);
	if (values.check) checkFiles(folder, readFiles(folder), files, "npm run generate");
	else writeFiles(folder, files);
} catch (error) {
	if (!(error instanceof SpecError)) throw error;
	console.error(error.message);
	process.exitCode = 1;
}
