import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { entriesOf } from "./entries.ts";
import { licensesFile } from "./licenses.ts";

/** Matches relative module specifiers in `from`, bare imports and `import("…")`. */
const named = /(?:from |import |import\()"(\.{1,2}\/[^"]+)\.(?:js|ts)"/g;

/** Matches comments, which are skipped: an import in an example there names a file of the reader's program. */
const comment = /\/\*[\s\S]*?\*\//g;

/** The files that these files import, directly or not, and these files themselves. `.js` leads to `.js`, `.d.ts` to `.d.ts`. */
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

/** Everything that an importer of a package can reach: code, source maps and declarations. */
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
 * Removes everything from `dist` that no entry reaches, except the licenses: unused declarations, and files of earlier builds,
 * which a restored cache does not remove.
 */
export function tidy(folder: string): void {
	const wanted = wantedOf(folder);
	const dist = join(folder, "dist");
	for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
		const file = join(entry.parentPath, entry.name);
		if (entry.isFile() && entry.name !== licensesFile && !wanted.has(file)) rmSync(file);
	}
}
