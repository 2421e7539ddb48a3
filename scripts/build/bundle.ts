import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { baseFolder } from "./base-declarations.ts";
import { withoutComments } from "./comments.ts";
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

/** Comments are for readers of the repository. What users need of them is in the declarations. */
const dropComments: Plugin = {
	name: "drop-comments",
	setup({ onLoad }) {
		onLoad({ filter: /\.ts$/ }, ({ path }) => ({
			contents: withoutComments(readFileSync(path, "utf8")),
			loader: "ts",
		}));
	},
};

/**
 * Writes one JavaScript file per entry, and one per part that several entries share.
 *
 * Names and lines are kept, so that installed files are readable.
 */
export async function bundle(folder: string, entries: readonly Entry[]): Promise<void> {
	const { outputFiles, metafile } = await build({
		absWorkingDir: folder,
		entryPoints: entries.map(({ name }) => ({ in: join("src", `${name}.ts`), out: name })),
		outdir: "dist",
		tsconfig: "tsconfig.build.json",
		bundle: true,
		// Shared code exists once: two copies of a class or a WeakMap would be two identities.
		splitting: true,
		chunkNames: "shared-[hash]",
		packages: "external",
		plugins: [inlineBase, dropComments],
		format: "esm",
		platform: "neutral",
		target: "es2024",
		// Marks calls without side effects, so that a bundler can drop unused results.
		pure: ["Object.freeze"],
		// Maps contain files and lines for stack traces, but not the sources, which would double the installed size.
		// Without the repository, read the built file.
		sourcemap: true,
		sourcesContent: false,
		metafile: true,
		write: false,
		logLevel: "warning",
	});
	// Numbered by their first module: a hash would leave a stale file behind with every change.
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
