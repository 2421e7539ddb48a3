import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { entriesOf } from "./entries.ts";

/** Every relative module that a file names: in `from`, in a bare import, and in `import("…")`. */
const named = /(?:from |import |import\()"(\.{1,2}\/[^"]+)\.(?:js|ts)"/g;

/** The files that these lead to, themselves included; `.js` leads to `.js` and `.d.ts` to `.d.ts`. */
export function reachable(files: readonly string[], ending: ".js" | ".d.ts"): Set<string> {
	const found = new Set<string>();
	const look = (file: string): void => {
		if (found.has(file)) return;
		found.add(file);
		for (const [, path] of readFileSync(file, "utf8").matchAll(named)) look(join(dirname(file), `${path}${ending}`));
	};
	for (const file of files) look(file);
	return found;
}

/** What somebody who imports a package can come to: its code, the maps of it, and its declarations. */
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
 * Takes everything else out of a package's `dist`: declarations that no entry leads to, and what an earlier build left,
 * which a cache that restores a build does not clear away.
 */
export function tidy(folder: string): void {
	const wanted = wantedOf(folder);
	const dist = join(folder, "dist");
	for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
		const file = join(entry.parentPath, entry.name);
		if (entry.isFile() && !wanted.has(file)) rmSync(file);
	}
}
