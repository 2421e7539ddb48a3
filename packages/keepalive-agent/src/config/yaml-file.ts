import { type Document, type ErrorCode, isMap, isNode, isPair, isSeq, LineCounter, parseDocument, visit } from "yaml";
import { ConfigError } from "./config-error.ts";
import { readProblem, readRegularFile } from "./read-regular-file.ts";

/** The keys and indexes that lead to a value. */
export type KeyPath = readonly (string | number)[];

/** The largest file, in bytes, that can be a configuration. */
const maxBytes = 1_000_000;

/** A YAML file, as data and with the line of each key. */
export interface YamlFile {
	readonly data: unknown;
	/** Returns the line of a key, counted from 1. If the key does not exist, returns the line of its closest parent that exists. */
	lineOf(path: KeyPath): number;
}

/** @throws ConfigError when the file cannot be read or is not YAML. */
export function readYamlFile(file: string): YamlFile {
	const text = read(file);
	const lines = new LineCounter();
	// The option `prettyErrors` is off, because pretty messages quote the source, which may hold a secret.
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
	const lineAt = (offset: number): number => lines.linePos(offset).line;
	const problemAt = (offset: number, what: string) => {
		const { line, col } = lines.linePos(offset);
		return { key: "", line, column: col, message: `is not valid YAML: ${what}` };
	};
	const problems = [...document.errors, ...document.warnings].map(({ code, message, pos }) =>
		problemAt(pos[0], yamlProblem(code, message)),
	);
	visit(document, {
		Alias: (_, alias) => {
			if (!alias.resolve(document)) problems.push(problemAt(alias.range?.[0] ?? 0, yamlProblems.BAD_ALIAS));
		},
	});
	if (problems.length > 0) throw new ConfigError(file, problems);
	try {
		return { data: document.toJS(), lineOf: (path) => lineAt(offsetOf(document, path)) };
	} catch {
		// The aliases in the document would expand to too much data. The parser's error is not passed on, because it may quote the file.
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

/** The messages that replace the messages of the parser, which may quote the file. */
const yamlProblems: Readonly<Record<ErrorCode, string>> = {
	ALIAS_PROPS: "an alias (*) must have no anchor and no tag",
	BAD_ALIAS: "an alias (*) has no anchor; put a text that begins with * in quotes",
	BAD_COLLECTION_TYPE: "a tag (!) does not fit its value; tags are not needed here",
	BAD_DIRECTIVE: "a line that begins with % is a directive of YAML, and there is no such one",
	BAD_DQ_ESCAPE: "a text in double quotes has a \\ that means nothing; use single quotes",
	BAD_INDENT: "the indentation is wrong",
	BAD_PROP_ORDER: "an anchor (&) or a tag (!) must stand right before its value",
	BAD_SCALAR_START: "a text must not begin with this character; put it in quotes",
	BLOCK_AS_IMPLICIT_KEY: "the indentation is wrong, or a text with a colon has no quotes",
	BLOCK_IN_FLOW: "within brackets, a list or a section must be in brackets too",
	DUPLICATE_KEY: "this key is there twice",
	IMPOSSIBLE: "it cannot be read",
	KEY_OVER_1024_CHARS: "a key is longer than 1,024 characters; is a line break missing?",
	MISSING_CHAR: "a quote, bracket or colon is missing",
	MULTILINE_IMPLICIT_KEY: "a key must be on one line, with a colon and a space after it",
	MULTIPLE_ANCHORS: "a value must have one anchor (&) at most",
	MULTIPLE_DOCS: "only one document is allowed (---)",
	MULTIPLE_TAGS: "a value must have one tag (!) at most",
	NON_STRING_KEY: "a key must be a text",
	RESOURCE_EXHAUSTION: "brackets or sections are nested too deeply",
	TAB_AS_INDENT: "tabs must not be used for indentation",
	TAG_RESOLVE_FAILED: "tags (!) are not allowed; put a text that begins with ! in quotes",
	UNEXPECTED_TOKEN: "a character is not expected here; put the text in quotes",
};

/**
 * Describes an error of the YAML parser in our own words. The parser's message is not shown, because it may quote the file, which may
 * contain a secret. It is only used to find which bracket or quote is not closed.
 */
function yamlProblem(code: ErrorCode, message: string): string {
	const [, bracket] = /must .*end with a ([\]}])$/.exec(message) ?? [];
	if (bracket) return `a bracket ${bracket === "]" ? "[" : "{"} is not closed, or what is in it is not indented`;
	const [, quote] = /^Missing closing (["'])quote$/.exec(message) ?? [];
	if (quote) return `a quote (${quote}) is not closed`;
	if (message === "Implicit map keys need to be followed by map values") return "a key has no colon after it";
	return yamlProblems[code];
}

/** Returns the position of a key in the source. If the key does not exist, returns the position of its closest parent that exists. */
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
