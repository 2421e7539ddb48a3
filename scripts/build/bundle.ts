import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { baseFolder } from "./base-declarations.ts";
import type { Entry } from "./entries.ts";

/** Inlines `@x/base`, which nobody can install; everything else from node_modules stays an import. */
const inlineBase: Plugin = {
	name: "inline-base",
	setup({ onResolve }) {
		onResolve({ filter: /^@x\/base\// }, ({ path }) => ({
			path: join(baseFolder, "src", `${path.slice("@x/base/".length)}.ts`),
			sideEffects: false,
		}));
	},
};

/**
 * Writes one JavaScript file for each entry, and one for each part that several of them need.
 *
 * Names and lines stay, so that the files can be read where they were installed.
 */
export async function bundle(folder: string, entries: readonly Entry[]): Promise<void> {
	const { outputFiles, metafile } = await build({
		absWorkingDir: folder,
		entryPoints: entries.map(({ name }) => ({ in: join("src", `${name}.ts`), out: name })),
		outdir: "dist",
		tsconfig: "tsconfig.build.json",
		bundle: true,
		// What two entries need stands once: a brand or a WeakMap made twice would be two.
		splitting: true,
		chunkNames: "shared-[hash]",
		packages: "external",
		plugins: [inlineBase],
		format: "esm",
		platform: "neutral",
		target: "es2024",
		// Calls that do nothing but return: a bundler may then leave out what nobody uses.
		pure: ["Object.freeze"],
		// What a stack trace needs: the original's files and lines. Not its text, which would double what is installed: who
		// reads at night, without the repository, reads the built file, and the map says where in it to look.
		sourcemap: true,
		sourcesContent: false,
		metafile: true,
		write: false,
		logLevel: "warning",
	});
	// Numbered, by the first of their modules: a hash would leave another file behind with every change.
	const shared = Object.entries(metafile.outputs)
		.flatMap(([path, { inputs }]) => {
			const name = /shared-\w+(?=\.js$)/.exec(path)?.[0];
			return name === undefined ? [] : [{ name, first: Object.keys(inputs).sort()[0] ?? "" }];
		})
		.sort((a, b) => (a.first < b.first ? -1 : 1));
	const numbered = (text: string): string =>
		shared.reduce((so, { name }, index) => so.replaceAll(name, `shared-${index + 1}`), text);
	for (const { path, text } of outputFiles) {
		const file = numbered(path);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, numbered(text));
	}
}
