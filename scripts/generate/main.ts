/**
 * Generates a package's `src/generated` from a spec.
 *
 *   node main.ts client <spec.yaml> <folder> [facts] [paces] [pools] [--check]  types and reply checks of one venue
 *   node main.ts sims <specs folder> <folder> [--check]                 types only, of every venue
 *   node main.ts types <spec.yaml> <folder> [--check]                   types only, of one spec
 *
 * With `facts`, `paces` or `pools`, also writes that constant to `facts.ts`: a package asks for what its code uses.
 * With `--check`, writes nothing and fails when the committed files differ.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { checksSource } from "./checks.ts";
import { factsSource, isFactsConstant } from "./facts.ts";
import { isOwn } from "./session-facts.ts";
import { readSpec, SpecError } from "./spec.ts";
import { typesSource } from "./types.ts";

const repository = resolve(import.meta.dirname, "../..");

async function clientFiles(specFile: string, constants: readonly string[]): Promise<Map<string, string>> {
	const spec = await readSpec(specFile);
	const header = headerOf(specFile);
	const files = new Map([
		["schema.ts", header + (await typesSource(spec))],
		["check.ts", header + checksSource(spec)],
	]);
	const wanted = constants.filter(isFactsConstant);
	if (wanted.length > 0) files.set("facts.ts", header + factsSource(spec, wanted));
	return files;
}

async function simsFiles(specsFolder: string): Promise<Map<string, string>> {
	const files = new Map<string, string>();
	for (const name of readdirSync(specsFolder)
		.filter((entry) => entry.endsWith(".yaml"))
		.sort()) {
		const specFile = join(specsFolder, name);
		const spec = await readSpec(specFile);
		if (isOwn(spec.document)) continue;
		files.set(`${basename(name, ".yaml")}.ts`, headerOf(specFile) + (await typesSource(spec)));
	}
	return files;
}

async function typesFile(specFile: string): Promise<Map<string, string>> {
	return new Map([["schema.ts", headerOf(specFile) + (await typesSource(await readSpec(specFile)))]]);
}

function headerOf(specFile: string): string {
	return `// Generated from ${relative(repository, resolve(specFile))} by "npm run generate". Change the spec, not this file.\n\n`;
}

function write(folder: string, files: Map<string, string>): void {
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	for (const [name, text] of files) writeFileSync(join(folder, name), text);
}

function staleNames(folder: string, files: Map<string, string>): string[] {
	const present = existsSync(folder) ? readdirSync(folder) : [];
	const names = new Set([...present, ...files.keys()]);
	return [...names].filter((name) => {
		const file = join(folder, name);
		return !existsSync(file) || readFileSync(file, "utf8") !== files.get(name);
	});
}

async function main(): Promise<number> {
	const isCheck = process.argv.at(-1) === "--check";
	const [kind, source, folder, ...constants] = process.argv.slice(2, isCheck ? -1 : undefined);
	const kinds = { client: clientFiles, sims: simsFiles, types: typesFile } as const;
	const isKind = kind === "client" || kind === "sims" || kind === "types";
	if (!isKind || !source || !folder || !constants.every(isFactsConstant)) {
		console.error(
			"usage: node main.ts client|sims|types <spec or folder of specs> <output folder> [facts] [paces] [pools] [--check]",
		);
		return 2;
	}
	const files = await kinds[kind](source, constants);
	if (!isCheck) {
		write(folder, files);
		return 0;
	}
	const stale = staleNames(folder, files);
	for (const name of stale) {
		console.error(`${relative(repository, resolve(folder, name))} is not what the spec gives: run "npm run generate"`);
	}
	return stale.length === 0 ? 0 : 1;
}

try {
	process.exitCode = await main();
} catch (error) {
	if (!(error instanceof SpecError)) throw error;
	console.error(error.message);
	process.exitCode = 1;
}
