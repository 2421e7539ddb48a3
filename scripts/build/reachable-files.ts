import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { entriesOf } from "./entry-points.ts";
import { licensesFile } from "./licenses.ts";

/** Matches relative module paths in `from "…"`, `import "…"` and `import("…")`. */
const named = /(?:from |import |import\()"(\.{1,2}\/[^"]+)\.(?:js|ts)"/g;

/** Matches comments, whose imports are ignored: an example in a comment imports a file of the reader's program. */
const comment = /\/\*[\s\S]*?\*\//g;

/**
 * Returns the given files, and all files that they import directly or indirectly. From code (`.js`) only code is followed, and from
 * declarations (`.d.ts`) only declarations.
 */
export function reachable(files: readonly string[], ending: ".js" | ".d.ts"): Set<string> {
	const found = new Set<string>();
	const look = (file: string): void => {
		if (found.has(file)) return;
		found.add(file);
		const text = readFileSync(file, "utf8").replaceAll(comment, "");
		for (const [, path] of text.matchAll(named)) look(join(dirname(file), `${path}${ending}`));
	};
	for (const file of files) look(file);
	return found;
}

/** All files that a user of the package can reach by an import: code, source maps and declarations. */
export function wantedOf(folder: string): Set<string> {
	const of = (ending: ".js" | ".d.ts"): Set<string> =>
		reachable(
			entriesOf(folder).map(({ name }) => join(folder, "dist", `${name}${ending}`)),
			ending,
		);
	const code = [...of(".js")];
	return new Set([...code, ...code.map((file) => `${file}.map`), ...of(".d.ts")]);
}

/**
 * Removes all files from `dist` that no entry point reaches, except the licenses. Such files are unused declarations, and files of earlier
 * builds that a restored cache has brought back.
 */
export function tidy(folder: string): void {
	const wanted = wantedOf(folder);
	const dist = join(folder, "dist");
	for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
		const file = join(entry.parentPath, entry.name);
		if (entry.isFile() && entry.name !== licensesFile && !wanted.has(file)) rmSync(file);
	}
}
