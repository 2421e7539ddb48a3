import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build, type Plugin, transform } from "esbuild";
import { baseFolder } from "./declarations.ts";
import type { Entry } from "./entry-points.ts";
import { licensesFile, licensesOf } from "./licenses.ts";
import { linesOnly } from "./reduce-source-map.ts";
import { withoutComments } from "./remove-comments.ts";

/** Inlines the sources of `@x/base`, because that package is not published and cannot be installed. */
const inlineBase: Plugin = {
	name: "inline-base",
	setup({ onResolve }) {
		onResolve({ filter: /^@x\/base\// }, ({ path }) => ({
			path: join(baseFolder, "src", `${path.slice("@x/base/".length)}.ts`),
			sideEffects: false,
		}));
	},
};

/** Removes the comments from the code, because users read them in the declarations. */
const dropComments: Plugin = {
	name: "drop-comments",
	setup({ onLoad }) {
		onLoad({ filter: /\.ts$/ }, ({ path }) => ({
			contents: withoutComments(readFileSync(path, "utf8")),
			loader: "ts",
		}));
	},
};

/** Minifies the code of third-party packages, whose readable source is in their own repositories. */
const minifyOthers: Plugin = {
	name: "minify-others",
	setup({ onLoad }) {
		onLoad({ filter: /\/node_modules\// }, async ({ path }) => {
			const options = { minify: true, sourcemap: "inline", sourcefile: path } as const;
			return { contents: (await transform(readFileSync(path, "utf8"), options)).code };
		});
	},
};

/**
 * Matches an import that only sets the order of evaluation. Such an import is removed, because bundlers warn about it. The order does not
 * matter: no module has side effects.
 */
const orderOnly = /^import "(?:\.{1,2}\/)+shared-\w+\.js";$/gm;

/**
 * Writes one JavaScript file per entry point, and one file for each part that several entry points share.
 *
 * Dependencies and peer dependencies stay imports. The code of a development dependency becomes part of the bundle, and its license is
 * written into `dist`. Names and lines of our code are kept, so that installed files are readable.
 */
export async function bundle(folder: string, entries: readonly Entry[]): Promise<void> {
	const { outputFiles, metafile } = await build({
		absWorkingDir: folder,
		entryPoints: entries.map(({ name }) => ({ in: join("src", `${name}.ts`), out: name })),
		outdir: "dist",
		tsconfig: "tsconfig.build.json",
		bundle: true,
		// Shared code must be written only once, because two copies of a class or a WeakMap would not recognize each other's objects.
		splitting: true,
		chunkNames: "shared-[hash]",
		external: ["node:*", ...installedWith(folder)],
		plugins: [inlineBase, dropComments, minifyOthers],
		format: "esm",
		platform: "neutral",
		target: "es2024",
		// Marks calls without side effects, so that a bundler can drop unused results.
		pure: ["Object.freeze"],
		// Source maps let stack traces name files and lines of the repository. They do not contain the sources, because these would double the
		// installed size. A reader without the repository can read the built file.
		sourcemap: true,
		sourcesContent: false,
		metafile: true,
		write: false,
		logLevel: "warning",
	});
	for (const { path, text } of outputFiles) {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, (path.endsWith(".map") ? linesOnly(text) : text).replaceAll(orderOnly, ""));
	}
	const licenses = licensesOf(Object.keys(metafile.inputs).map((input) => resolve(folder, input)));
	if (licenses) writeFileSync(join(folder, "dist", licensesFile), licenses);
}

/** The packages that a package's users have installed: its dependencies and peer dependencies. */
function installedWith(folder: string): string[] {
	const manifest = readFileSync(join(folder, "package.json"), "utf8");
	const { dependencies, peerDependencies } = JSON.parse(manifest) as Record<string, object | undefined>;
	return Object.keys({ ...dependencies, ...peerDependencies });
}
