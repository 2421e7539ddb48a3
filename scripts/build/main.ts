/**
 * Builds the package in the current folder: declarations by the compiler, one JavaScript file per entry.
 *
 *   node main.ts            replaces dist/
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { inlineBaseDeclarations } from "./base-declarations.ts";
import { bundle } from "./bundle.ts";
import { entriesOf } from "./entries.ts";
import { tidy } from "./reachable.ts";

const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

/**
 * Builds a package into `dist`: the declarations that its entries need, and one file of code per entry.
 *
 * One file per module would make an import read dozens of files.
 */
async function buildPackage(folder: string): Promise<void> {
	rmSync(join(folder, "dist"), { recursive: true, force: true });
	const args = [compiler, "-p", "tsconfig.build.json"];
	const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: "inherit" });
	if (status !== 0) throw new Error(`compiling the declarations of ${folder} failed`);
	inlineBaseDeclarations(folder);
	indentDeclarationsByTabs(join(folder, "dist"));
	await bundle(folder, entriesOf(folder));
	tidy(folder);
}

/** The compiler indents declarations by four spaces, which are a tenth of what is installed of them. */
function indentDeclarationsByTabs(dist: string): void {
	for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
		if (!path.endsWith(".d.ts")) continue;
		const file = join(dist, path);
		const text = readFileSync(file, "utf8");
		writeFileSync(
			file,
			text.replaceAll(/^(?: {4})+/gm, (spaces) => "\t".repeat(spaces.length / 4)),
		);
	}
}

await buildPackage(process.cwd());
