import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { reachable } from "./reachable-files.ts";

/** The private package whose code and declarations become part of each package that uses it. */
export const baseFolder: string = fileURLToPath(new URL("../../packages/base", import.meta.url));

/** Matches an import of a module of `@x/base`. */
const baseImport = /"@x\/base\/([\w-]+)"/g;

/** Turns the compiler's indentation by four spaces into tabs. The spaces would make the installed declarations a tenth larger. */
const byTabs = (text: string): string => text.replaceAll(/^(?: {4})+/gm, (spaces) => "\t".repeat(spaces.length / 4));

/**
 * Prepares the compiler's declarations for publishing. A published declaration must not name `@x/base`, which cannot be installed. So the
 * declarations of `@x/base` that a package uses are copied into the package's `dist/base`, and the imports are made to point there. All
 * entry points share one copy, so that a class has the same type in all of them.
 *
 * @param base - the folder of the built `@x/base`.
 */
export function finishDeclarations(folder: string, base: string = baseFolder): void {
	const dist = join(folder, "dist");
	const used = new Set<string>();
	for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
		if (!path.endsWith(".d.ts")) continue;
		const file = join(dist, path);
		const replaced = readFileSync(file, "utf8").replaceAll(baseImport, (_, name: string) => {
			used.add(join(base, "dist", `${name}.d.ts`));
			const to = relative(dirname(file), join(dist, "base", `${name}.js`))
				.split(sep)
				.join("/");
			return `"${to.startsWith(".") ? to : `./${to}`}"`;
		});
		writeFileSync(file, byTabs(replaced));
	}
	for (const file of reachable([...used], ".d.ts")) {
		const to = join(dist, "base", relative(join(base, "dist"), file));
		mkdirSync(dirname(to), { recursive: true });
		writeFileSync(to, byTabs(readFileSync(file, "utf8")));
	}
}
