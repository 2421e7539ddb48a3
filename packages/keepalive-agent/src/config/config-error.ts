import { sentence } from "@x/base/errors";

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
	/** Path of the key, such as `sessions.maker.windowSeconds`; empty for the file as a whole. */
	readonly key: string;
	/** The line in the file, counted from 1. Undefined when the file could not be read. */
	readonly line?: number;
	/** The column in the line, counted from 1. Only set if the text is not valid YAML. */
	readonly column?: number;
	/** What is wrong, and what is allowed. Never shows a value that may be a secret. */
	readonly message: string;
}

/** Thrown for a configuration that cannot be used. The message has a line for each problem. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly file: string;
	readonly problems: readonly ConfigProblem[];

	constructor(file: string, problems: readonly ConfigProblem[]) {
		const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
		super([...new Set(sorted.map((problem) => describe(file, problem)))].join("\n"));
		this.file = file;
		this.problems = sorted;
	}
}

function describe(file: string, { key, line, column, message }: ConfigProblem): string {
	const place = [file, line, column].filter((part) => part !== undefined).join(":");
	return sentence(`${place}: ${key === "" ? "" : `${key} `}${message}`);
}
