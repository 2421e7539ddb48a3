/** Fails when something that a published package exports has no TSDoc sentence. Needs built packages. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const repository = resolve(import.meta.dirname, "..");

/** The declarations that a package's `exports` lead to, by their subpath. */
function entriesOf(name: string): [subpath: string, file: string][] {
	const folder = join(repository, "packages", name);
	const { exports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
		exports?: Record<string, string | { types: string }>;
	};
	return Object.entries(exports).flatMap(([subpath, target]) =>
		typeof target === "string" ? [] : [[subpath, join(folder, target.types)]],
	);
}

/** Names that a file exports without a sentence about them; a comment of tags alone is none. */
function undocumented(file: string): string[] {
	const program = ts.createProgram([file], {
		module: ts.ModuleKind.NodeNext,
		target: ts.ScriptTarget.ES2022,
		skipLibCheck: true,
	});
	const checker = program.getTypeChecker();
	const source = program.getSourceFile(file);
	const module = source && checker.getSymbolAtLocation(source);
	if (!module) throw new Error(`${file} exports nothing: run "npm run build"`);
	return checker.getExportsOfModule(module).flatMap((exported) => {
		const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
		return symbol.getDocumentationComment(checker).length === 0 ? [exported.name] : [];
	});
}

for (const name of readdirSync(join(repository, "packages"))) {
	if (!existsSync(join(repository, "packages", name, "package.json"))) continue;
	for (const [subpath, file] of entriesOf(name)) {
		for (const missing of undocumented(file)) {
			console.error(`packages/${name}, ${subpath}: ${missing} has no TSDoc sentence`);
			process.exitCode = 1;
		}
	}
}
