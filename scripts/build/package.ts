import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { prune } from "./declarations.ts";
import { entriesOf } from "./entries.ts";

const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

/**
 * Builds a package into its `dist`.
 *
 * A file for each entry instead of one for each module: an import then reads a few files and not dozens, and most
 * comments stay in the repository. Names and lines stay, so that the files can be read where they were installed.
 */
export async function buildPackage(folder: string): Promise<void> {
	const dist = join(folder, "dist");
	const entries = entriesOf(folder);
	rmSync(dist, { recursive: true, force: true });
	const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
		cwd: folder,
		stdio: "inherit",
	});
	if (status !== 0) throw new Error(`the declarations of ${folder} did not come out`);
	prune(
		dist,
		entries.map(({ name }) => join(dist, `${name}.d.ts`)),
	);
	await build({
		absWorkingDir: folder,
		entryPoints: entries.map(({ name }) => ({ in: join("src", `${name}.ts`), out: name })),
		outdir: "dist",
		tsconfig: "tsconfig.build.json",
		bundle: true,
		// What two entries need stands once: a brand or a WeakMap made twice would be two.
		splitting: true,
		chunkNames: "shared-[hash]",
		packages: "external",
		format: "esm",
		platform: "neutral",
		target: "es2024",
		// Calls that do nothing but return: a bundler may then leave out what nobody uses.
		pure: ["Object.freeze"],
		// What a stack trace needs: the original's files and lines. Not its text, which would double what is installed: who
		// reads at night, without the repository, reads the built file, and the map says where in it to look.
		sourcemap: true,
		sourcesContent: false,
		logLevel: "warning",
	});
}
