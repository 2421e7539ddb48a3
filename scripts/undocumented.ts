import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { entriesOf } from "./build/entries.ts";

/** An export of a package that says nothing of itself. */
export interface Undocumented {
	/** Folder of the package, such as `packages/keepalive`. */
	readonly folder: string;
	/** As `exports` names the entry, such as `./bybit`. */
	readonly subpath: string;
	readonly name: string;
}

/**
 * Everything that packages export without a sentence about it; a comment of tags alone is none.
 *
 * @param folders - packages, built.
 */
export function undocumented(folders: readonly string[]): Undocumented[] {
	const entries = folders.flatMap((folder) =>
		entriesOf(folder).map(({ subpath, name }) => ({ folder, subpath, file: join(folder, "dist", `${name}.d.ts`) })),
	);
	const program = ts.createProgram(
		entries.map(({ file }) => file),
		{ module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] },
	);
	const checker = program.getTypeChecker();
	return entries.flatMap(({ folder, subpath, file }) => {
		const source = program.getSourceFile(file);
		const module = source && checker.getSymbolAtLocation(source);
		if (!module) throw new Error(`${file} exports nothing: run "npm run build"`);
		return checker.getExportsOfModule(module).flatMap((exported) => {
			const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
			return symbol.getDocumentationComment(checker).length === 0 ? [{ folder, subpath, name: exported.name }] : [];
		});
	});
}

/** The packages of a repository. */
export function packageFolders(repository: string): string[] {
	return readdirSync(join(repository, "packages"))
		.map((name) => join(repository, "packages", name))
		.filter((folder) => existsSync(join(folder, "package.json")));
}
