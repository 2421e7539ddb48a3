import { dirname, resolve } from "node:path";
import { isOptionError, keepalive } from "@x/keepalive";
import { checkAlerts } from "../alerts/check-alerts-config.ts";
import { type GivenHistory, historyConfig, historyProblems } from "../history/history-config.ts";
import { leaderProblems } from "../leader/leader-config.ts";
import { type GivenRelay, type RelayedSessions, relayConfig, relayProblems } from "../relay/relay-config.ts";
import { statePath } from "../state/state-path.ts";
import { type GivenStrategy, strategyConfigs, strategyProblems } from "../strategies/strategy-config.ts";
import { checkSchema, type SchemaProblem } from "./check-against-schema.ts";
import type { Config, HttpConfig, SessionConfig } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { sessionCreator } from "./create-session.ts";
import { filePathConflicts } from "./file-path-conflicts.ts";
import { refusedOptions } from "./find-refused-options.ts";
import { isLoopback } from "./is-loopback.ts";
import { type Environment, resolveSecrets } from "./resolve-secrets.ts";
import { type KeyPath, readYamlFile } from "./yaml-file.ts";

/** The data of a configuration, with its secrets in place, before defaults are added. */
type Given = Pick<Config, "ordersOnStop" | "sessions"> &
	Partial<Pick<Config, "http" | "log" | "keeper" | "alerts" | "drill" | "state" | "leader">> & {
		readonly history?: GivenHistory;
		readonly strategies?: Readonly<Record<string, GivenStrategy>>;
		readonly relay?: GivenRelay;
	};

/** Where an agent listens if its configuration does not say where. */
export const defaultHttp = { host: "127.0.0.1", port: 7300 } as const;

/**
 * Reads and checks a configuration, without connecting to anything.
 *
 * @throws ConfigError with all problems that the first failing check has found. The order of the checks: YAML, schema, secrets, options.
 */
export function loadConfig(file: string, environment: Environment): Config {
	const { data, failOn } = readChecked(file);
	const resolved = resolveSecrets(data, file, environment);
	failOn(resolved.problems);
	// The cast is safe: the data follows the schema, and a test compares the schema with these types.
	const {
		history: givenHistory = true,
		strategies: givenStrategies = {},
		relay: givenRelay,
		...given
	} = resolved.data as Given;
	const { socket } = given.http ?? {};
	const http = {
		...defaultHttp,
		...given.http,
		...(socket !== undefined && { socket: resolve(dirname(file), socket) }),
	};
	const history = historyConfig(givenHistory, file, environment);
	const strategies = strategyConfigs(givenStrategies, file);
	const log = { level: "info", ...given.log } as const;
	const state = { file: statePath(file, given.state?.file, environment) };
	const relayed = relayedSessions(given.sessions);
	const relay = givenRelay && { relay: relayConfig(givenRelay, relayed) };
	const sections = { http, history, state, strategies, log, ...relay };
	const config = { keeper: {}, alerts: {}, drill: {}, ...given, file, ...sections } satisfies Config;
	const names = Object.keys(config.sessions);
	failOn([
		...checkOptions(config),
		...historyProblems(givenHistory),
		...filePathConflicts(config, resolved.files),
		...checkAlerts(config.alerts, names),
		...strategyProblems(givenStrategies, config.sessions, {
			hasToken: http.token !== undefined,
			hasDatabase: config.leader !== undefined && "postgresUrl" in config.leader,
		}),
		...relayProblems(givenRelay, relayed),
		...leaderProblems(config),
	]);
	return config;
}

/**
 * Reads at which address an agent listens. The secrets of the sessions are not needed for that.
 *
 * @param needsToken - whether the command needs the token. The token is also required if the agent listens at an address that other
 * machines can reach. In all other cases the token is not read.
 * @throws ConfigError if the configuration is wrong, or if a required token is missing.
 */
export function loadHttpConfig(file: string, environment: Environment, needsToken: boolean): HttpConfig {
	const { data, failOn } = readChecked(file);
	// The cast is safe: the data follows the schema.
	const { http: given = {} } = data as { readonly http?: Partial<HttpConfig & { tokenFile: string }> };
	const { token, tokenFile, ...open } = given;
	const isWanted = needsToken || !isLoopback(given.host ?? defaultHttp.host);
	if (isWanted && token === undefined && tokenFile === undefined) {
		failOn([{ path: ["http", "token"], message: "is required for this command" }]);
	}
	const { data: resolved, problems } = resolveSecrets({ http: isWanted ? given : open }, file, environment);
	failOn(problems);
	// The cast is safe: the data follows the schema.
	return { ...defaultHttp, ...(resolved as { readonly http: Partial<HttpConfig> }).http };
}

/**
 * Reads the section `alerts`, and where the agent listens. The secrets of the sessions are not needed for that.
 *
 * @throws ConfigError if the configuration is wrong, or if a secret of the channels is missing.
 */
export function loadAlertsConfig(file: string, environment: Environment): Pick<Config, "alerts" | "http"> {
	const { data, failOn } = readChecked(file);
	// The casts are safe: the data follows the schema.
	const { alerts: given = {}, http = {}, sessions } = data as Partial<Config> & Pick<Config, "sessions">;
	const { data: resolved, problems } = resolveSecrets({ alerts: given }, file, environment);
	failOn(problems);
	// The cast is safe: the data was checked against the JSON Schema.
	const { alerts } = resolved as Pick<Config, "alerts">;
	failOn(checkAlerts(alerts, Object.keys(sessions)));
	return { alerts, http: { ...defaultHttp, ...http } };
}

/** The sessions whose connections the relay can share with bots: all sessions except those at Bybit. */
const relayedSessions = (sessions: Config["sessions"]): RelayedSessions =>
	new Map(Object.entries(sessions).flatMap(([name, { venue }]) => (venue === "bybit" ? [] : [[name, venue] as const])));

/** Returns the data of a file, which follows the schema, and a function that throws a ConfigError if it is given problems. */
function readChecked(file: string) {
	const { data, lineOf } = readYamlFile(file);
	const failOn = (problems: readonly SchemaProblem[]): void => {
		if (problems.length === 0) return;
		throw new ConfigError(
			file,
			problems.map(({ path, shown, message }) => ({
				key: shown ?? path.map(shownKey).join("."),
				line: lineOf(path),
				message,
			})),
		);
	};
	failOn(checkSchema(data));
	return { data, failOn };
}

/** A key that could not be a name is not shown, because it may be a secret in the wrong place. */
const shownKey = (key: KeyPath[number]): string =>
	/^[\w.-]{1,64}$/.test(String(key)) ? String(key) : "(key not shown)";

/** Finds the options that the sessions, the keeper and the HTTP server refuse. */
function checkOptions({ http, keeper, sessions }: Config): readonly SchemaProblem[] {
	const create = sessionCreator();
	const problems = Object.entries(sessions).flatMap(([name, session]) =>
		// The cast is safe: only refused options are removed, and `create` reports a required option that is missing.
		refusedOptions(session, ["sessions", name], (given) => create(name, given as SessionConfig)),
	);
	problems.push(...refusedOptions(keeper, ["keeper"], checkKeeperOptions));
	if (!isLoopback(http.host) && http.token === undefined) {
		problems.push({ path: ["http", "host"], message: "is not this machine's own address, so http.token is required" });
	}
	return problems;
}

/**
 * Checks the options of the keeper (the object that keeps the sessions alive) by creating a keeper without sessions. The keeper refuses the
 * first wrong option. If all options are right, it refuses the missing sessions; this one error is ignored.
 */
function checkKeeperOptions(options: object): void {
	try {
		keepalive([], options);
	} catch (error) {
		if (!isOptionError(error) || error.option !== "sessions") throw error;
	}
}
