import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** Every relative module that a declaration names: in `from`, in a bare import, and in `import("…")` as a type. */
const named = /(?:from |import |import\()"(\.{1,2}\/[^"]+)\.(?:js|ts)"/g;

/** The declarations that these lead to, themselves included. */
export function reachable(files: readonly string[]): Set<string> {
	const found = new Set<string>();
	const look = (file: string): void => {
		if (found.has(file)) return;
		found.add(file);
		for (const [, path] of readFileSync(file, "utf8").matchAll(named)) look(join(dirname(file), `${path}.d.ts`));
	};
	for (const file of files) look(file);
	return found;
}

/** Takes away the declarations of `folder` that nobody who imports these entries can come to. */
export function prune(folder: string, entries: readonly string[]): void {
	const kept = reachable(entries);
	for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
		const file = join(folder, name);
		if (name.endsWith(".d.ts") && !kept.has(file)) rmSync(file);
	}
}
