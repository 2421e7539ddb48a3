import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { reachable } from "./reachable.ts";

/** The private package whose code and declarations become part of each package that uses it. */
export const baseFolder: string = fileURLToPath(new URL("../../packages/base", import.meta.url));

/** An import of one module of `@x/base`. */
const baseImport = /"@x\/base\/([\w-]+)"/g;

/**
 * Copies the declarations of `@x/base` that a package uses into its `dist/base` and points the imports there, because a
 * published declaration must not name a package that cannot be installed. Each is copied once for all entries, so that a
 * class has the same type in all of them.
 *
 * @param base - where the built `@x/base` is.
 */
export function inlineBaseDeclarations(folder: string, base: string = baseFolder): void {
	const dist = join(folder, "dist");
	const used = new Set<string>();
	for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
		if (!path.endsWith(".d.ts")) continue;
		const file = join(dist, path);
		const text = readFileSync(file, "utf8");
		const replaced = text.replaceAll(baseImport, (_, name: string) => {
			used.add(join(base, "dist", `${name}.d.ts`));
			const to = relative(dirname(file), join(dist, "base", `${name}.js`))
				.split(sep)
				.join("/");
			return `"${to.startsWith(".") ? to : `./${to}`}"`;
		});
		if (replaced !== text) writeFileSync(file, replaced);
	}
	for (const file of reachable([...used], ".d.ts")) {
		const to = join(dist, "base", relative(join(base, "dist"), file));
		mkdirSync(dirname(to), { recursive: true });
		copyFileSync(file, to);
	}
}
