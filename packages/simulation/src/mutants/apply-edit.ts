import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Lang, parse, type SgNode } from "@ast-grep/napi";
import type { Edit } from "./mutant.ts";

/** A file with an edit applied. */
export interface EditedFile {
	readonly path: string;
	readonly text: string;
}

/**
 * Applies an edit to the packages in a folder, without writing the edited file.
 *
 * @param packages - the folder that holds the packages.
 * @throws Error when the pattern does not match exactly once.
 */
export function applyEdit(packages: string, { within, pattern, inside, fix }: Edit): EditedFile {
	const matches = sourceFiles(join(packages, within)).flatMap((path) => {
		const text = readFileSync(path, "utf8");
		const found = parse(Lang.TypeScript, text).root().findAll(pattern);
		return found.filter((node) => inside === undefined || isInside(node, inside)).map((node) => ({ path, text, node }));
	});
	const [match] = matches;
	if (match === undefined || matches.length > 1) {
		throw new Error(`the pattern matches ${matches.length} times in ${within} (exactly once is needed): ${pattern}`);
	}
	const { path, text, node } = match;
	const { start, end } = node.range();
	return { path, text: text.slice(0, start.index) + filled(fix, node, text) + text.slice(end.index) };
}

/** The TypeScript sources in a folder, without tests and generated files. The path may also be that of one file. */
function sourceFiles(folder: string): string[] {
	if (statSync(folder).isFile()) return [folder];
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".ts") && !/\.test\.ts$|(^|\/)(testing|generated)\//.test(name))
		.map((name) => join(folder, name));
}

function isInside(node: SgNode, name: string): boolean {
	return node.ancestors().some((ancestor) => {
		const named = ancestor.kind() === "arrow_function" ? ancestor.parent() : ancestor;
		return named?.field("name")?.text() === name;
	});
}

/** The text that replaces the match. Each `$NAME` and `$$$NAME` in it is replaced by the code that it matched. */
function filled(fix: string, node: SgNode, source: string): string {
	return fix.replace(/(\$\$\$|\$)([A-Z][A-Z0-9_]*)/g, (variable, sigil: string, name: string) => {
		if (sigil === "$") {
			const matched = node.getMatch(name);
			if (!matched) throw new Error(`the fix uses ${variable}, which the pattern does not contain`);
			return matched.text();
		}
		const list = node.getMultipleMatches(name);
		const [first, last] = [list[0], list.at(-1)];
		return first && last ? source.slice(first.range().start.index, last.range().end.index) : "";
	});
}
