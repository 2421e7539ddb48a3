import type { Config } from "../config/config.ts";
import type { components } from "../generated/schema.ts";
import { changedKeys } from "./changed-config-keys.ts";

/** What a new configuration changed. */
export type Reloaded = components["schemas"]["Reloaded"];

/**
 * The keys that can be changed while the sessions run, each with the function that applies it. Each function is called with the whole new
 * configuration, which has been checked before. The functions must not throw.
 */
export type Appliers = {
	readonly [Key in "alerts" | "http.token" | "log.level" | "ordersOnStop"]: (config: Config) => void;
};

/**
 * Replaces those parts of the configuration of a running agent that can be changed while the sessions run. All other changed keys, such as
 * those of sessions, need a restart. They are reported at each reload until the restart.
 */
export class Reloader {
	readonly #load: () => Config;
	readonly #appliers: Appliers;
	/** The configuration that is in force. */
	#config: Config;

	/** @param load - reads and checks the configuration file. */
	constructor(config: Config, load: () => Config, appliers: Appliers) {
		this.#config = config;
		this.#load = load;
		this.#appliers = appliers;
	}

	/**
	 * Loads the configuration again and applies what can be applied.
	 *
	 * @throws ConfigError if the configuration is wrong; then nothing has been changed.
	 */
	reload(): Reloaded {
		const next = this.#load();
		const changed = changedKeys(this.#config, next);
		// The section `alerts` is applied only if no session was added or removed: it may name a session that exists only after a restart.
		const isSameSessions =
			Object.keys(this.#config.sessions).sort().join() === Object.keys(next.sessions).sort().join();
		const applied: string[] = [];
		for (const [key, apply] of Object.entries(this.#appliers)) {
			const keys = changed.filter((each) => each === key || each.startsWith(`${key}.`));
			if (keys.length === 0 || (key === "alerts" && !isSameSessions)) continue;
			apply(next);
			applied.push(...keys);
			this.#config = withKey(this.#config, next, key);
		}
		return { applied: applied.sort(), needsRestart: changed.filter((key) => !applied.includes(key)) };
	}
}

/** Returns a copy of a configuration, with the value of one key from another configuration. */
function withKey(config: Config, from: Config, key: string): Config {
	const [section = "", name] = key.split(".");
	// The casts are safe: `key` names an option that a reload can apply, and both values are configurations.
	const [before, after] = [config, from] as unknown as readonly [Sections, Sections];
	const value = name === undefined ? after[section] : { ...before[section], [name]: after[section]?.[name] };
	return { ...before, [section]: value } as unknown as Config;
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** Says for a person what a reload has changed. */
export function reloadText({ applied, needsRestart }: Reloaded): string {
	if (applied.length + needsRestart.length === 0) return "nothing has changed";
	const parts = [
		...(applied.length > 0 ? [`applied: ${applied.join(", ")}`] : []),
		...(needsRestart.length > 0 ? [`needs a restart: ${needsRestart.join(", ")}`] : []),
	];
	return parts.join("; ");
}
