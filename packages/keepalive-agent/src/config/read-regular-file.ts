import { readFileSync, statSync } from "node:fs";

const problems: Readonly<Record<string, string>> = {
	"not-a-file": "it is not a regular file",
	"too-large": "it is too large",
};

/** Says for a person why a file could not be read. */
export function readProblem(error: unknown): string {
	const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
	return problems[code] ?? code;
}

/**
 * Reads a file that a person edits or that holds a secret. Only a regular file is read: reading a pipe or a device may never end.
 *
 * @throws Error whose `code` is the error code of Node.js, `not-a-file`, or `too-large`.
 */
export function readRegularFile(path: string, maxBytes: number): Buffer {
	const stats = statSync(path);
	if (!stats.isFile()) throw Object.assign(new Error("not a regular file"), { code: "not-a-file" });
	if (stats.size > maxBytes) throw Object.assign(new Error("too large"), { code: "too-large" });
	return readFileSync(path);
}
