import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One entry point of a package: a module that users can import. */
export interface Entry {
	/** The key of the entry point in `exports` of package.json, such as `./gateway`. */
	readonly subpath: string;
	/** The path of the entry point below `src` and `dist`, without extension. */
	readonly name: string;
}

/** The entry points of a package, read from `exports` of its package.json. */
export function entriesOf(folder: string): Entry[] {
	const manifest = join(folder, "package.json");
	const { exports = {} } = JSON.parse(readFileSync(manifest, "utf8")) as {
		exports?: Record<string, string | { readonly types: string; readonly default: string }>;
	};
	return Object.entries(exports).flatMap(([subpath, target]) => {
		if (typeof target === "string") return [];
		const name = /^\.\/dist\/(.+)\.js$/.exec(target.default)?.[1];
		if (name === undefined || target.types !== `./dist/${name}.d.ts`) {
			throw new Error(
				`${manifest}: exports["${subpath}"] must name a file of dist/ and its declarations in the same folder`,
			);
		}
		return [{ subpath, name }];
	});
}
