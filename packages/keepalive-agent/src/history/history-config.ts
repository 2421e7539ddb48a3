import { basename, dirname, extname, join, resolve } from "node:path";
import type { SchemaProblem } from "../config/check-against-schema.ts";
import type { Environment } from "../config/resolve-secrets.ts";
import { stateFolder } from "../config/state-folder.ts";
import type { PostgresPlace } from "./postgres-store.ts";
import type { HistoryBounds } from "./retention.ts";

/** Where the history is kept, and how much of it. Plain data that can be sent to a thread; `url` is a secret. */
export type HistoryConfig =
	| { readonly kind: "none" }
	| ({ readonly kind: "sqlite"; readonly file: string } & HistoryBounds)
	| ({ readonly kind: "postgres" } & PostgresPlace & HistoryBounds);

/** The section `history` of a configuration as the schema allows it, with `env:` references replaced by their values. */
export type GivenHistory =
	| boolean
	| (Partial<HistoryBounds> & {
			readonly file?: string;
			readonly postgresUrl?: string;
			readonly postgresSchema?: string;
	  });

const defaults = { maxDays: 90, maxBytes: 200_000_000 } as const;

/** The settings of the history, with the defaults filled in. */
export function historyConfig(given: GivenHistory, configFile: string, environment: Environment): HistoryConfig {
	if (given === false) return { kind: "none" };
	const { file, postgresUrl: url, postgresSchema: schema = "keepalive", ...bounds } = given === true ? {} : given;
	if (url !== undefined) return { kind: "postgres", url, schema, ...defaults, ...bounds };
	// The file is named after the configuration file, so that agents whose configurations are in one folder keep separate histories.
	const name = `${basename(configFile, extname(configFile))}.history.sqlite`;
	const path =
		file === undefined ? join(stateFolder(configFile, environment), name) : resolve(dirname(configFile), file);
	return { kind: "sqlite", file: path, ...defaults, ...bounds };
}

/** Finds the problems in the section `history` that the JSON Schema of the configuration cannot find. */
export function historyProblems(given: GivenHistory): readonly SchemaProblem[] {
	if (typeof given === "boolean") return [];
	const { file, postgresUrl, postgresSchema } = given;
	const problems: SchemaProblem[] = [];
	if (file !== undefined && postgresUrl !== undefined) {
		problems.push({ path: ["history", "file"], message: "must not be given together with postgresUrl" });
	}
	if (postgresSchema !== undefined && postgresUrl === undefined) {
		problems.push({ path: ["history", "postgresSchema"], message: "needs postgresUrl" });
	}
	if (postgresSchema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(postgresSchema)) {
		const message = "must be lower-case letters, digits and underscores, at most 63, and not begin with a digit";
		problems.push({ path: ["history", "postgresSchema"], message });
	}
	if (postgresUrl !== undefined && !/^postgres(ql)?:$/.test(URL.parse(postgresUrl)?.protocol ?? "")) {
		problems.push({ path: ["history", "postgresUrl"], message: "must be a URL that begins with postgres://" });
	}
	return problems;
}
