import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** The path of a file below the repository's root. */
export const fromRoot = (file: string): string => relative(resolve(import.meta.dirname, "../.."), resolve(file));

/** The texts of the files in a folder, by path. */
export type Files = ReadonlyMap<string, string>;

/** The files of a folder whose names have this ending; none if the folder does not exist. */
export function readFiles(folder: string, ending = ""): Files {
	const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
	const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
	const wanted = paths.filter((path) => path.endsWith(ending)).sort();
	return new Map(wanted.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

/** Replaces a folder by one with these files. */
export function writeFiles(folder: string, files: Files): void {
	rmSync(folder, { recursive: true, force: true });
	for (const [name, text] of files) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
}

/** Reports each file that is superfluous, missing or different. If there is one, the process exits with an error code. */
export function checkFiles(folder: string, present: Files, wanted: Files, command: string): void {
	for (const name of new Set([...wanted.keys(), ...present.keys()])) {
		if (present.get(name) === wanted.get(name)) continue;
		console.error(`${fromRoot(join(folder, name))} is not what the spec gives: run "${command}"`);
		process.exitCode = 1;
	}
}
