import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { drillFileOf } from "../drill/drill-file.ts";
import type { SchemaProblem } from "./check-against-schema.ts";
import type { Config } from "./config.ts";

/**
 * Returns a problem for each path of a file that the agent writes, if the configuration also uses that file for something else. The agent
 * would overwrite the configuration, a secret, or another of its own files.
 *
 * @param secretFiles - the files that hold the secrets.
 */
export function filePathConflicts(
	{ file, state, history }: Pick<Config, "file" | "state" | "history">,
	secretFiles: readonly string[],
): readonly SchemaProblem[] {
	const taken = new Set([file, ...secretFiles].map(placeOf));
	const written = [
		{ section: "state", path: state.file },
		{ section: "state", path: drillFileOf(state) },
		...(history.kind === "sqlite" ? [{ section: "history", path: history.file }] : []),
	];
	return written.flatMap(({ section, path }) => {
		const place = placeOf(path);
		if (!taken.has(place)) {
			taken.add(place);
			return [];
		}
		const message =
			"is this configuration, a file with a secret, or another file that the agent writes. Choose another file";
		return [{ path: [section, "file"], message }];
	});
}

/** The resolved path of a file. Two different paths to one file have the same resolved path. */
export function placeOf(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		// The file does not exist yet, so its path is resolved without looking at the file.
		return resolve(path);
	}
}
