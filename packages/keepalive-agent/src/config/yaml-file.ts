import { type Document, isMap, isNode, isPair, isSeq, LineCounter, parseDocument, visit } from "yaml";
import { ConfigError } from "./config-error.ts";
import { readProblem, readRegularFile } from "./read-regular-file.ts";

/** The keys and indexes that lead to a value. */
export type KeyPath = readonly (string | number)[];

/** A larger file is not a configuration. */
const maxBytes = 1_000_000;

/** A YAML file, as data and with the line of each key. */
export interface YamlFile {
	readonly data: unknown;
	/** The line of a key, or of its closest parent that exists. From 1. */
	lineOf(path: KeyPath): number;
}

/** @throws ConfigError when it cannot be read or is not YAML. */
export function readYamlFile(file: string): YamlFile {
	const text = read(file);
	const lines = new LineCounter();
	// Not "pretty": those messages quote the source, which may hold a secret.
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
	const lineAt = (offset: number): number => lines.linePos(offset).line;
	const problemAt = (code: string, offset: number) => ({ key: "", line: lineAt(offset), message: yamlProblem(code) });
	const problems = [...document.errors, ...document.warnings].map(({ code, pos }) => problemAt(code, pos[0]));
	visit(document, {
		Alias: (_, alias) => {
			if (!alias.resolve(document)) problems.push(problemAt("BAD_ALIAS", alias.range?.[0] ?? 0));
		},
	});
	if (problems.length > 0) throw new ConfigError(file, problems);
	try {
		return { data: document.toJS(), lineOf: (path) => lineAt(offsetOf(document, path)) };
	} catch {
		// Aliases that multiply themselves. The text of the error may quote the file.
		throw new ConfigError(file, [{ key: "", line: 1, message: "is not valid YAML: it has too many aliases" }]);
	}
}

function read(file: string): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(readRegularFile(file, maxBytes));
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : "unknown error";
		if (code === "too-large") throw new ConfigError(file, [{ key: "", message: "is larger than 1 MB" }]);
		if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
			throw new ConfigError(file, [{ key: "", message: "is not UTF-8" }]);
		const advice = code === "ENOENT" ? " `keepalive init` writes one." : "";
		throw new ConfigError(file, [{ key: "", message: `cannot be read: ${readProblem(error)}.${advice}` }]);
	}
}

/** In our words: those of the parser may quote the file. */
function yamlProblem(code: string): string {
	const known: Readonly<Record<string, string>> = {
		BAD_ALIAS: "an alias (*) has no anchor; put a text that begins with * in quotes",
		BAD_INDENT: "the indentation is wrong",
		BLOCK_AS_IMPLICIT_KEY: "the indentation is wrong, or a text with a colon has no quotes",
		DUPLICATE_KEY: "this key is there twice",
		MISSING_CHAR: "a quote, bracket or colon is missing",
		MULTIPLE_DOCS: "only one document is allowed (---)",
		TAB_AS_INDENT: "tabs must not be used for indentation",
		TAG_RESOLVE_FAILED: "tags (!) are not allowed; put a text that begins with ! in quotes",
		UNEXPECTED_TOKEN: "a character is not expected here; put the text in quotes",
	};
	return `is not valid YAML: ${known[code] ?? code}`;
}

/** The offset in the source of the deepest key of this path that exists. */
function offsetOf(document: Document, path: KeyPath): number {
	let node: unknown = document.contents;
	let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
	for (const step of path) {
		if (isMap(node)) {
			const pair = node.items.find((item) => isPair(item) && String(item.key) === String(step));
			if (!pair) return offset;
			if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
			node = pair.value;
		} else if (isSeq(node)) {
			node = node.items[Number(step)];
			if (isNode(node)) offset = node.range?.[0] ?? offset;
		} else return offset;
	}
	return offset;
}
